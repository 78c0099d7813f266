/* demo.c: source code to read and to copy. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Code");
    ez_code(ui, "#include <easel.h>\n\n"
                "static void page(ez_ui *ui)\n{\n"
                "    const char *name = ez_text_input(ui, \"Your name\");\n"
                "    ez_text(ui, ez_fmt(ui, \"Hello, %s!\", name));\n}\n\n"
                "int main(int argc, char **argv) { return ez_main(argc, argv, page); }\n",
            .language = "c", .line_numbers = true);
    ez_code(ui, "{ \"tide\": 4.1, \"unit\": \"m\", \"rising\": true }", .language = "json");
    ez_header(ui, "Long lines");
    ez_code(ui, "make run EASEL_MODEL=models/a-model-with-a-very-long-name-that-goes-on-and-on-and-on-until-the-line-is-full.gguf EASEL_PORT=8501",
            .language = "sh", .wrap = true);
    ez_caption(ui, "`.wrap` breaks them, `.height` scrolls, `.line_numbers` counts.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
