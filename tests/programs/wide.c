/* wide.c: a page whose every click changes a hundred kilobytes, for readers that do not read. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel/easel.h>
#include <stdlib.h>
#include <string.h>

enum { WIDE = 100000 };

static void page(ez_ui *ui)
{
    int *count = ez_state(ui, int, "count");
    char *wide = malloc(WIDE + 1);
    ez_title(ui, "Wide");
    if (ez_button(ui, "More", .key = "more"))
        ++*count;
    ez_text(ui, ez_fmt(ui, "count %d", *count), .key = "count");
    if (!wide)
        return;
    memset(wide, 'a' + *count % 26, WIDE);
    wide[WIDE] = 0;
    ez_text(ui, wide, .key = "wide");
    free(wide);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
