/* demo.c: a conversation with the program's model in a box. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void ask(ez_ui *ui)
{
    ez_chat *chat = ez_chat_get(ui, "chatbot-demo");
    ez_chat_add(chat, "user", ez_get_text(ui, "chatbot-question"));
    ez_chat_reply(ui, chat, ez_model_get(ui, NULL), .max_tokens = 256);
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Chatbot");
    ez_chatbot(ui, "chatbot-demo", .label = "Ask about the sea", .height = 420, .placeholder = "Ask, and *every word* comes from this machine.");
    ez_text_input(ui, "Question", .max_lines = 5, .collapse_label = true, .placeholder = "Why is the sea salty?", .key = "chatbot-question");
    ez_clear_button(ui, "Clear", "chatbot-demo");
    ez_then(ez_on(ui, "chatbot-question.submit", ask, .outputs = "chatbot-demo"), NULL, .clears = "chatbot-question");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .model = "SmolLM2-135M-Instruct.Q4_1.gguf"); }
