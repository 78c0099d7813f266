/* demo.c: formatted text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_markdown(ui,
        "# The harbour at Bergen\n\n"
        "The tide gauge stands **behind the fish market**. It was [rebuilt](https://en.wikipedia.org/wiki/Tide_gauge) in 1915 and\n"
        "is read *every ten minutes*; `NAP` is its zero.\n\n"
        "| Tide | Time  | Height |\n|:-----|:-----:|-------:|\n| low  | 06:12 |  0.8 m |\n| high | 12:31 |  4.1 m |\n| low  | 18:40 |  0.9 m |\n\n"
        "## To do\n\n- [x] Clean the float\n- [ ] Compare with the gauge at Stavanger\n\n"
        "> A gauge that nobody compares is an opinion.\n\n"
        "```c\ndouble height(double hours)\n{\n    return 2.5 + 1.6 * cos(hours * 0.5059);   /* the moon's half day */\n}\n```\n\n"
        "The mean of a day is $\\frac{1}{n} \\sum h_i$. Raw <b>HTML</b> stays text.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
