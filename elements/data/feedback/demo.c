/* demo.c: what visitors said of this program: nothing, until somebody gives a thumb to an answer of the chat pages. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "What people said");
    ez_text(ui, "A thumb below an answer of a chat, and what is flagged below a function, stands here.");
    ez_feedback(ui, .label = "The newest first", .per_page = 10);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
