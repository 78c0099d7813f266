/* llama_chat_script.c: a chat with a local model, written from top to bottom. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

#define SYSTEM "You are a helpful AI assistant powered by Llama 3.1."

static void draw(ez_ui *ui, const ez_message *m)
{
    ez_ui *turn = ez_chat_message(ui, m->role, .key = m->id);
    ez_chat_text(turn, m, .hide_error = true);    /* markdown; grows by itself while the answer is being written */

    switch (m->error.code) {
    case EZ_OK:        break;
    case EZ_MISSING:   ez_error(turn, ez_fmt(ui, "Model file not found: %s.", m->error.text)); break;
    case EZ_NO_MEMORY: ez_error(turn, "Insufficient memory to load the Llama 3.1 model. Use a smaller GGUF."); break;
    case EZ_BROKEN:    ez_error(turn, ez_fmt(ui, "Failed to load model: %s", m->error.text)); break;
    default:           ez_error(turn, ez_fmt(ui, "Model inference error: %s", m->error.text)); break;
    }
}

static void answered(ez_ui *ui, const ez_message *m)
{
    if (m->error.code) ez_log(ui, "Answer failed: %s", m->error.text);
    else               ez_log(ui, "Generated %d chars in %.2fs", ez_length(m->text), m->seconds);
}

static void page(ez_ui *ui)
{
    ez_page_config(ui, "Llama 3.1 Chatbot", .icon = "🦙");
    ez_title(ui, "Llama 3.1 Chatbot");
    ez_caption(ui, "Every word comes from a model on this machine.");

    ez_chat *chat = ez_chat_get(ui, "messages");  /* part of the session: survives reloads, restarts, other machines */
    if (ez_chat_count(chat) == 0)
        ez_chat_add(chat, "system", SYSTEM);
    for (int i = 0; i < ez_chat_count(chat); i++)
        draw(ui, ez_chat_at(chat, i));

    const char *prompt = ez_chat_input(ui, "Ask Llama 3.1 something...",
                                       .suggestions = EZ_OPTIONS("What can you help me with?", "Write a haiku about the sea", "Reverse a string in C"));
    if (!prompt)                                  /* non-NULL only in the run that the visitor's Enter caused */
        return;
    if (ez_length(prompt) > 2000) {
        ez_error(ui, "Input too long. Please limit to 2000 characters.");
        return;
    }
    ez_model *model = ez_model_get(ui, NULL, .loading = "Loading Llama 3.1 model...");
    draw(ui, ez_chat_add(chat, "user", prompt));
    draw(ui, ez_chat_reply(ui, chat, model, .max_tokens = 512,
                           .sampling = EZ_SAMPLING(.temperature = 0.7, .top_p = 0.9), .done = answered));
}

int main(int argc, char **argv)
{
    return ez_main(argc, argv, page, .model = "SmolLM2-135M-Instruct.Q4_1.gguf", .n_ctx = 2048, .system = SYSTEM);
}
