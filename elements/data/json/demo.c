/* demo.c: what a weather station says, as a tree, and what it said once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "The station's last word");
    ez_json(ui, "{\"station\": \"Utsira\", \"at\": \"06:00\", \"wind\": {\"from\": \"SW\", \"metres\": 14.2, \"gusts\": [19, 21.5, 18]},"
                " \"visibility\": {\"metres\": 4000, \"fog\": false, \"reason\": null}, \"signals\": []}",
            .label = "Report", .level = 2);
    ez_header(ui, "What you have");
    const char *text = ez_text_area(ui, "JSON", .value = "[1, 2, {\"three\": 3,}]", .lines = 3);
    ez_json(ui, text, .level = 3, .hide_copy = true);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
