/* demo.c: turns of a conversation, filled with any elements. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Chat message");
    ez_ui *rules = ez_chat_message(ui, "system");
    ez_text(rules, "Answer with figures of the gauge at Bergen.");

    ez_ui *question = ez_chat_message(ui, "user");
    ez_text(question, "How high was the water at noon?");

    ez_ui *answer = ez_chat_message(ui, "assistant", .avatar = "bot");
    ez_markdown(answer, "It stood at **4.1 m**, which is high tide.");
    ez_metric(answer, "High tide", "4.1 m", .delta = "+0.2 m");

    ez_ui *other = ez_chat_message(ui, "Harbour office", .avatar = "⚓");
    ez_text(other, "The quay is closed from 12:00 to 13:00.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
