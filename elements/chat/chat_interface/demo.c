/* demo.c: a chat with the program's model, in one call. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_chat_interface(ui, "chat-interface-demo", .title = "Ask the harbour master", .description = "Every word comes from a model on *this machine*.",
                      .examples = EZ_OPTIONS("When is the tide highest?", "What does a red buoy mean?", "Name three knots."),
                      .system = "You are a harbour master. Answer in few words.", .max_tokens = 256, .sampling_controls = true,
                      .sampling = EZ_SAMPLING(.temperature = 0.7, .top_p = 0.9), .placeholder = "Ask about ships, tides and knots");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .model = "SmolLM2-135M-Instruct.Q4_1.gguf"); }
