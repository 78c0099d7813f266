/* main.c: the command `easel`: picks a command from a table. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/options.h"
#include "base/version.h"
#include "cli.h"
#include <stdio.h>
#include <string.h>

static int cli_version(int argc, char **argv)
{
    (void)argc, (void)argv;
    puts("easel " EASEL_VERSION);
    return 0;
}

static int cli_options(int argc, char **argv)
{
    text t = {0};
    if (argc > 1 && strcmp(argv[1], "--markdown") == 0) options_markdown(&t);
    else options_help(&t, "PROGRAM");
    fputs(t.at, stdout);
    text_done(&t);
    return 0;
}

static int cli_help(int argc, char **argv);

static const struct { const char *name, *args; int (*run)(int argc, char **argv); const char *help; } cli_commands[] = {
    { "run", "FILE.c | PROGRAM [options]", cli_run, "Serves a page and takes what you save at once; the options are those of every Easel program." },
    { "share", "FILE.c | PROGRAM [options]", cli_share, "Serves it for others, behind a password and for a while, and prints the link, as a QR code too; `easel share --help` says how." },
    { "doctor", "[options]", cli_doctor, "Looks whether everything is there, and names the command that gets what is not." },
    { "bench", "[options]", cli_bench, "Compares Easel with Streamlit, Gradio and bare programs, and reports; `easel bench --help` has the options." },
    { "keys", "add | list | revoke ...", cli_keys, "Makes, lists and revokes keys with which programs call a program's functions; `easel keys` says how." },
    { "feedback", "export --data DIR [--format csv|jsonl]", cli_feedback, "Prints what visitors said of answers, and flagged." },
    { "options", "[--markdown]", cli_options, "Lists the options of every Easel program." },
    { "version", "", cli_version, "Prints the version." },
    { "help", "", cli_help, "Prints this list." },
};

static int cli_help(int argc, char **argv)
{
    (void)argc, (void)argv;
    puts("Usage: easel COMMAND ...\n");
    for (int i = 0; i < COUNT(cli_commands); i++) {
        int count = printf("  easel %s %s", cli_commands[i].name, cli_commands[i].args);
        printf("%*s%s\n", count < 42 ? 42 - count : 2, "", cli_commands[i].help);
    }
    puts("\nFirst steps: `easel doctor`, then `easel run examples/hello.c`.");
    return 0;
}

int main(int argc, char **argv)
{
    int status;
    if (cli_is_module(argc, argv, &status)) return status;
    const char *word = argc > 1 ? argv[1] : "help";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) word = "help";
    if (strcmp(word, "--version") == 0) word = "version";
    for (int i = 0; i < COUNT(cli_commands); i++)
        if (strcmp(cli_commands[i].name, word) == 0) return cli_commands[i].run(argc > 1 ? argc - 1 : 1, argc > 1 ? argv + 1 : argv);
    const char *dot = strrchr(word, '.');
    if (dot && strcmp(dot, ".c") == 0) fprintf(stderr, "easel: \"%s\" is no command; to serve a page, say: easel run %s\n", word, word);
    else fprintf(stderr, "easel: there is no command \"%s\"; `easel help` lists them\n", word);
    return 2;
}
