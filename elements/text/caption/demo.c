/* demo.c: small print that explains. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Harvest");
    ez_metric(ui, "Apples", "1,284 kg", .delta = "+96 kg");
    ez_caption(ui, "Weighed on 14 October, *after* sorting. [How we weigh](https://example.org)",
               .help = "Scales are checked each spring.");
    ez_caption(ui, "A caption is muted, never longer than a comfortable line, and takes inline Markdown.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
