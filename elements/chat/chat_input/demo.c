/* demo.c: what was written last, and questions to begin with. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Chat input");
    ez_chat *chat = ez_chat_get(ui, "chat-input-demo");
    const char *said = ez_chat_input(ui, "Write to the harbour office", .max_chars = 200, .pictures = true,
                                     .suggestions = EZ_OPTIONS("When is high tide?", "Is the quay open?"));
    if (said)
        ez_chat_add(chat, "user", said);
    if (ez_chat_count(chat) == 0)
        ez_caption(ui, "Enter sends, Shift+Enter breaks the line. Nobody answers here.");
    for (int i = 0; i < ez_chat_count(chat); i++) {
        const ez_message *m = ez_chat_at(chat, i);
        ez_chat_text(ez_chat_message(ui, m->role, .key = m->id), m);
    }
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
