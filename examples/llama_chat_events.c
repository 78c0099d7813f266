/* llama_chat_events.c: the same chat as a graph of events. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

#define SYSTEM "You are a helpful AI assistant powered by Llama 3.1."

static void answered(ez_ui *ui, const ez_message *m)
{
    if (m->error.code) ez_log(ui, "Answer failed: %s", m->error.text);
    else               ez_log(ui, "Generated %d chars in %.2fs", ez_length(m->text), m->seconds);
}

static void answer(ez_ui *ui)                     /* a bound function: one job, one place in the queue */
{
    ez_model *model = ez_model_get(ui, NULL);
    ez_chat *chat = ez_chat_get(ui, "chat");
    if (ez_chat_count(chat) == 0)
        ez_chat_add(chat, "system", SYSTEM);
    ez_chat_add(chat, "user", ez_get_text(ui, "msg"));
    ez_chat_reply(ui, chat, model, .max_tokens = 512,
                  .sampling = EZ_SAMPLING(.temperature = 0.7, .top_p = 0.9), .done = answered);
}                                                 /* the job is over when its reply is; no thread waits for it */

static void page(ez_ui *ui)
{
    ez_markdown(ui, "# Llama 3.1 Chatbot");
    ez_markdown(ui, "Every word comes from a model on this machine.");
    ez_chatbot(ui, "chat", .label = "Chat with Llama 3.1", .height = 600);  /* shows a failed reply as an answer */
    ez_text_input(ui, "Your message", .max_lines = 5, .placeholder = "Ask something...", .key = "msg");
    ez_clear_button(ui, "Clear", "msg, chat");

    ez_event *asked = ez_on(ui, "msg.submit", answer, .outputs = "chat");
    ez_then(asked, NULL, .clears = "msg");
}

int main(int argc, char **argv)
{
    return ez_main(argc, argv, page, .title = "Llama 3.1 Chatbot", .theme = EZ_THEME_SOFT, .queue_size = 50,
                   .model = "SmolLM2-135M-Instruct.Q4_1.gguf", .n_ctx = 2048, .system = SYSTEM, .file_ttl = 3600);
}
