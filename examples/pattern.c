/* pattern.c: tries a regular expression. Some of them take hours or all memory there is, so whatever a visitor writes is tried in a process of its own, with limits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#ifdef __TINYC__
#define __STDC_NO_VLA__ 1          /* or tcc does not understand the next header */
#endif
#include <regex.h>

typedef struct { const char *pattern, *text; } pattern_in;
EZ_RECORD(pattern_in, EZ_FIELD(pattern_in, pattern, .label = "Regular expression"), EZ_FIELD(pattern_in, text, .label = "Text"));
typedef struct { int count; const char *found; } pattern_out;
EZ_RECORD(pattern_out, EZ_FIELD(pattern_out, count, .label = "Found"), EZ_FIELD(pattern_out, found, .label = "These"));

static void find(ez_ui *ui)
{
    const pattern_in *in = ez_in(ui, pattern_in);
    pattern_out *out = ez_out(ui, pattern_out);
    regex_t pattern;
    regmatch_t at = { 0 };
    int bad = regcomp(&pattern, in->pattern, REG_EXTENDED);
    if (bad) {
        char why[200];
        regerror(bad, &pattern, why, sizeof why);
        ez_fail(ui, "That is no pattern: %s.", why);
        return;
    }
    out->found = "";
    for (const char *rest = in->text; *rest && !regexec(&pattern, rest, 1, &at, rest == in->text ? 0 : REG_NOTBOL); rest += at.rm_eo > 0 ? at.rm_eo : 1) {
        if (at.rm_eo == at.rm_so) continue;
        out->found = ez_fmt(ui, "%s%s%.*s", out->found, out->count ? ", " : "", (int)(at.rm_eo - at.rm_so), rest + at.rm_so);
        out->count++;
    }
    regfree(&pattern);
}

static void page(ez_ui *ui)
{
    ez_interface(ui, find, .in = &pattern_in_record, .out = &pattern_out_record, .title = "Try a pattern", .submit_label = "Find",
                 .description = "Extended regular expressions of POSIX. The second example needs more memory than there is, the third more time: each fails alone, and the program goes on.",
                 .examples = EZ_OPTIONS("[0-9]+", "7 ships, 23 boats and 1 raft",
                                        "(((a{1,99}){1,99}){1,99}){1,99}", "aaaaaaaa",
                                        "(a*)(a*)(a*)(a*)(a*)(a*)\\1\\2\\3\\4\\5\\6b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void setup(ez_app *app)
{
    ez_function(app, "find", find, .in = &pattern_in_record, .out = &pattern_out_record, .help = "Finds what a regular expression matches.", .process = true, .memory_limit = 64 << 20, .time_limit = 2);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .title = "Patterns", .setup = setup); }
