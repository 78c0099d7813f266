/* echo.c: says back what is entered. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    const char *said = ez_text_input(ui, "Say");
    if (*said)
        ez_text(ui, ez_fmt(ui, "echo %s", said));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
