/* demo.c: a function, its records, and nothing else. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

typedef struct { const char *name; const char *tone; int times; bool loud; } hail_in;
EZ_RECORD(hail_in,
    EZ_FIELD(hail_in, name, .help = "Who is hailed"),
    EZ_FIELD(hail_in, tone, .options = EZ_OPTIONS("friendly", "formal", "nautical")),
    EZ_FIELD(hail_in, times, .label = "How often", .range = { 1, 5 }, .value = 1),
    EZ_FIELD(hail_in, loud));
typedef struct { const char *words; int letters; } hail_out;
EZ_RECORD(hail_out, EZ_FIELD(hail_out, words, .label = "Across the water"), EZ_FIELD(hail_out, letters));

static void hail(ez_ui *ui)
{
    const hail_in *in = ez_in(ui, hail_in);
    hail_out *out = ez_out(ui, hail_out);
    const char *hello = in->tone[0] == 'n' ? "Ahoy, " : in->tone[1] == 'o' ? "Good day, " : "Hello ";
    out->words = "";
    for (int i = 0; i < in->times; i++)
        out->words = ez_fmt(ui, "%s%s%s%s%s", out->words, i ? " " : "", hello, in->name, in->loud ? "!" : ".");
    out->letters = ez_length(out->words);
}

static void page(ez_ui *ui)
{
    ez_interface(ui, hail, .in = &hail_in_record, .out = &hail_out_record, .title = "Hailing", .description = "Say it over *the water*.",
                 .examples = EZ_OPTIONS("Captain", "nautical", "2", "true", "Professor Plum", "formal", "1", "false"), .cache_examples = true);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
