/* history.c: a conversation of MESSAGES messages of 1,000 characters, which every session holds and shows. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <stdlib.h>
#include <string.h>

static void page(ez_ui *ui)
{
    const char *messages = getenv("MESSAGES");
    ez_chat *chat = ez_chat_get(ui, "messages");
    for (int i = ez_chat_count(chat); i < (messages ? atoi(messages) : 2); i++) {
        char *words = ez_alloc(ui, 1001);
        for (int k = 0; k < 1000; k += 10)
            memcpy(words + k, ez_fmt(ui, "word %04d ", i * 100 + k / 10), 10);
        ez_chat_add(chat, i % 2 ? "assistant" : "user", words);
    }
    for (int i = 0; i < ez_chat_count(chat); i++) {
        const ez_message *m = ez_chat_at(chat, i);
        ez_chat_text(ez_chat_message(ui, m->role, .key = m->id), m);
    }
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
