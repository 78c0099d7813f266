/* apart.c: functions in processes of their own, which end them in every way, take memory and time, and do what all functions do. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int zero;
static char *made_in_setup, *made_in_start;

static void by_null(void) { *(volatile int *)(size_t)zero = 1; }
static void by_abort(void) { abort(); }
static void by_exit(void) { exit(3); }
static void by_exit_at_once(void) { _exit(4); }
static void by_leaving(void) { pthread_exit(NULL); }
static void by_kill(void) { raise(SIGKILL); }
static void by_loop(void) { while (!zero) {} }

static int deeper(int n)
{
    volatile char room[1024];
    room[n % 1024] = (char)n;
    return n == zero ? 0 : deeper(n + 1) + room[(n + 1) % 1024];
}

static void by_recursion(void) { zero = deeper(1); }

static void *by_null_there(void *data)
{
    by_null();
    return data;
}

static void by_thread(void)
{
    pthread_t own;
    if (!pthread_create(&own, NULL, by_null_there, NULL)) pthread_join(own, NULL);
}

static const struct { const char *name; void (*now)(void); } ways[] = {
    { "segv", by_null }, { "abort", by_abort }, { "exit", by_exit }, { "_exit", by_exit_at_once }, { "pthread_exit", by_leaving }, { "kill", by_kill },
    { "overflow", by_recursion }, { "thread", by_thread }, { "loop", by_loop },
};

typedef struct { const char *way, *file; } happen_in;
EZ_RECORD(happen_in, EZ_FIELD(happen_in, way), EZ_FIELD(happen_in, file, .optional = true));
typedef struct { int pid, child; double megabytes; const char *said; } happen_out;
EZ_RECORD(happen_out, EZ_FIELD(happen_out, pid), EZ_FIELD(happen_out, child), EZ_FIELD(happen_out, megabytes), EZ_FIELD(happen_out, said));

/* As much as there is, up to a gigabyte, in MB. */
static double take_all(void)
{
    static char *all[1024];
    int count = 0;
    while (count < 1024 && (all[count] = malloc(1 << 20)) != NULL) memset(all[count++], 1, 1 << 20);
    for (int i = 0; i < count; i++) free(all[i]);
    return count;
}

/* Something that does not end by itself. */
static int start_child(void)
{
    int pid = fork();
    if (!pid) {
        execlp("sleep", "sleep", "1000", (char *)NULL);
        _exit(1);
    }
    return pid;
}

static void *load(const char *arg, ez_err *err)
{
    (void)arg;
    (void)err;
    return made_in_setup;
}

static void happen(ez_ui *ui)
{
    const happen_in *in = ez_in(ui, happen_in);
    happen_out *out = ez_out(ui, happen_out);
    out->pid = (int)getpid();
    if (!strcmp(in->way, "child")) out->child = start_child();
    ez_yield(ui);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (!strcmp(ways[i].name, in->way)) ways[i].now();
    while (!strcmp(in->way, "memory")) memset(ez_alloc(ui, 1 << 20), 1, 1 << 20);
    if (!strcmp(in->way, "malloc")) out->megabytes = take_all();
    if (!strcmp(in->way, "resource")) ez_resource(ui, load);
    if (!strcmp(in->way, "chat")) ez_chat_add(ez_chat_get(ui, "chat"), "user", "hello");
    if (!strcmp(in->way, "wait") || !strcmp(in->way, "child")) {
        while (ez_sleep(ui, 0.02)) {}
        FILE *left = *in->file ? fopen(in->file, "w") : NULL;
        if (left) fclose(left);
        return;
    }
    out->said = ez_fmt(ui, "%s, %s", made_in_setup, made_in_start ? made_in_start : "nothing of .start");
}

typedef struct { const char *text; } echo_io;
EZ_RECORD(echo_io, EZ_FIELD(echo_io, text));
static void echo(ez_ui *ui) { ez_out(ui, echo_io)->text = ez_in(ui, echo_io)->text; }

/* Crashes for the first time, and leaves a file that says so. */
static void second_time(ez_ui *ui)
{
    const happen_in *in = ez_in(ui, happen_in);
    FILE *there = fopen(in->file, "r"), *left = there ? NULL : fopen(in->file, "w");
    if (there) fclose(there);
    if (left) fclose(left);
    if (!there) by_abort();
    ez_out(ui, happen_out)->said = "the second time";
}

/* A file comes back in capitals, a picture with its colours turned round. */
typedef struct { const ez_file *words; const ez_pixels *picture; } change_in;
EZ_RECORD(change_in, EZ_FIELD(change_in, words), EZ_FIELD(change_in, picture));
typedef struct { const ez_file *loud; const ez_pixels *negative; } change_out;
EZ_RECORD(change_out, EZ_FIELD(change_out, loud), EZ_FIELD(change_out, negative));

static void change(ez_ui *ui)
{
    const change_in *in = ez_in(ui, change_in);
    change_out *out = ez_out(ui, change_out);
    char words[100] = "";
    FILE *f = fopen(in->words->path, "r");
    size_t count = f ? fread(words, 1, sizeof words, f) : 0;
    if (f) fclose(f);
    for (size_t i = 0; i < count; i++)
        if (words[i] >= 'a' && words[i] <= 'z') words[i] = (char)(words[i] - 'a' + 'A');
    out->loud = ez_make_file(ui, "loud.txt", words, count);
    size_t size = (size_t)in->picture->width * (size_t)in->picture->height * (size_t)in->picture->channels;
    unsigned char *turned = ez_alloc(ui, size);
    for (size_t i = 0; i < size; i++) turned[i] = (unsigned char)~in->picture->data[i];
    ez_pixels *negative = ez_alloc(ui, sizeof *negative);
    *negative = (ez_pixels){ in->picture->width, in->picture->height, in->picture->channels, turned };
    out->negative = negative;
}

typedef struct { int number; } square_in;
EZ_RECORD(square_in, EZ_FIELD(square_in, number, .range = { 0, 1000 }));
typedef struct { int square, together; } square_out;
EZ_RECORD(square_out, EZ_FIELD(square_out, square), EZ_FIELD(square_out, together));

static void square(ez_ui *ui)
{
    for (int i = 0; i < ez_batch_count(ui); i++) {
        ez_ui *row = ez_batch_row(ui, i);
        int number = ez_in(row, square_in)->number;
        if (number == 13) ez_fail(row, "13 is not squared here");
        else *ez_out(row, square_out) = (square_out){ number * number, ez_batch_count(ui) };
    }
}

/* Of a page: what the visitor typed, and the state of his session, which both sides change. */
static void say(ez_ui *ui)
{
    int *times = ez_state(ui, int, "times");
    const char *what = ez_get_text(ui, "what");
    ez_progress(ui, 0.5, .text = "half way");
    if (!strcmp(what, "crash")) by_null();
    if (!strcmp(what, "loop")) by_loop();
    ez_put_text(ui, "said", ez_fmt(ui, "%s, %d times, from %s", what, ++*times, made_in_start ? "the worker" : "elsewhere"));
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Apart");
    ez_text_input(ui, "What", .key = "what", .value = "at first");
    ez_button(ui, "Say", .key = "say");
    ez_on(ui, "say.click", say, .rerun = true);
    ez_text(ui, "nothing", .key = "said");
    ez_text(ui, ez_fmt(ui, "The page counts %d.", *ez_state(ui, int, "times")));
}

static void setup(ez_app *app)
{
    const char *wrong = getenv("APART_WRONG");
    made_in_setup = "made in .setup";
    ez_function(app, "tell_here", tell, .in = &story_in_record, .out = &story_out_record);
    ez_function(app, "tell", tell, .in = &story_in_record, .out = &story_out_record, .process = true);
    ez_function(app, "count", count, .out = &count_out_record, .process = true);
    ez_function(app, "unsaid", count, .process = true);
    ez_function(app, "happen", happen, .in = &happen_in_record, .out = &happen_out_record, .process = true, .memory_limit = 64 << 20);
    ez_function(app, "hurried", happen, .in = &happen_in_record, .out = &happen_out_record, .time_limit = 1, .process = true);
    ez_function(app, "echo", echo, .in = &echo_io_record, .out = &echo_io_record, .process = true);
    ez_function(app, "second_time", second_time, .in = &happen_in_record, .out = &happen_out_record, .retries = 1, .retry_wait = 0.05, .process = true);
    ez_function(app, "change", change, .in = &change_in_record, .out = &change_out_record, .process = true);
    ez_function(app, "square", square, .in = &square_in_record, .out = &square_out_record, .batch_size = 4, .batch_wait = 20, .process = true);
    ez_function(app, "say", say, .time_limit = 2, .process = true);
    if (wrong && !strcmp(wrong, "alone")) ez_function(app, "wrong", count, .memory_limit = 1 << 20);
    if (wrong && !strcmp(wrong, "small")) ez_function(app, "wrong", count, .process = true, .memory_limit = 64);
}

static void start(ez_app *app)
{
    (void)app;
    made_in_start = "made in .start";
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup, .start = start); }
