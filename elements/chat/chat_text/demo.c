/* demo.c: one question, and the answer of the program's model beside what it cost. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Chat text");
    ez_chat *chat = ez_chat_get(ui, "chat-text-demo");
    if (ez_button(ui, ez_chat_count(chat) ? "Ask again" : "Ask", .kind = EZ_BUTTON_PRIMARY)) {
        ez_chat_add(chat, "user", "Name three harbours in Norway. Answer with a list.");
        ez_chat_reply(ui, chat, ez_model_get(ui, NULL), .max_tokens = 128);
    }
    for (int i = 0; i < ez_chat_count(chat); i++) {
        const ez_message *m = ez_chat_at(chat, i);
        ez_chat_text(ez_chat_message(ui, m->role, .key = m->id), m);
    }
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .model = "SmolLM2-135M-Instruct.Q4_1.gguf"); }
