/* crashes.c: a page that ends its process in every way that C knows, in every place where user code runs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel/easel.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile int zero;

static void by_null(void) { *(volatile int *)(size_t)zero = 1; }
static void by_division(void) { zero = 7 / zero; }
static void by_trap(void) { __builtin_trap(); }
static void by_exit(void) { exit(3); }
static void by_exit_at_once(void) { _exit(4); }
static void by_quick_exit(void) { quick_exit(5); }
static void by_leaving(void) { pthread_exit(NULL); }
static void by_kill(void) { raise(SIGKILL); }
static void by_abort(void) { abort(); }

/* A page of a file that has none. */
static void by_bus(void)
{
    int fd = memfd_create("empty", 0);
    volatile char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    at[0] = 1;
}

static int deeper(int n)
{
    volatile char room[1024];
    room[n % 1024] = (char)n;
    return n == zero ? 0 : deeper(n + 1) + room[(n + 1) % 1024];
}

static void by_recursion(void) { zero = deeper(1); }

static void by_free_twice(void)
{
    char *volatile at = malloc(100), *volatile again = at;
    free(at);
    free(again);
}

/* From here on the process gets no more; the run asks for it below. */
static void by_memory(void) { setrlimit(RLIMIT_AS, &(struct rlimit){ 1 << 20, 1 << 20 }); }

static void by_loop(void)
{
    while (!zero) {}
}

static const struct { const char *name; void (*now)(void); } ways[] = {
    { "segv", by_null }, { "bus", by_bus }, { "fpe", by_division }, { "ill", by_trap }, { "abort", by_abort }, { "overflow", by_recursion },
    { "free", by_free_twice }, { "exit", by_exit }, { "_exit", by_exit_at_once }, { "quick_exit", by_quick_exit }, { "pthread_exit", by_leaving },
    { "kill", by_kill }, { "memory", by_memory }, { "loop", by_loop },
};

/* One byte for each time that this is about to happen: what takes effect outside of Easel. */
static void note_try(ez_ui *ui)
{
    int fd = open(ez_setting(ui, "tries", "/dev/null"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (write(fd, "x", 1) < 0)
        perror("tries");
    close(fd);
}

static void *in_thread(void *data)
{
    void (*now)(void) = *(void (**)(void))data;
    now();
    return NULL;
}

/* "segv", or "thread segv" for a thread of the program's own. */
static void happen(ez_ui *ui, const char *what)
{
    bool thread = !strncmp(what, "thread ", 7);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(ways[i].name, what + (thread ? 7 : 0)))
            continue;
        void (*now)(void) = ways[i].now;
        pthread_t own;
        note_try(ui);
        if (!thread) now();
        else if (!pthread_create(&own, NULL, in_thread, &now)) pthread_join(own, NULL);
        while (now == by_memory)
            ez_alloc(ui, 1 << 16);
    }
}

typedef struct chosen { char way[64]; } chosen;

/* What the visitor chose, wherever the code runs: keys of the page are not those of a fragment. */
static const char *way_of(ez_ui *ui) { return ez_state(ui, chosen, "chosen")->way; }

static void job(ez_ui *ui)
{
    ez_progress(ui, 0.5); happen(ui, way_of(ui));
}

static void part(ez_ui *ui)
{
    if (ez_button(ui, "In a fragment", .key = "part"))
        happen(ui, way_of(ui));
}

static void answered(ez_ui *ui, const ez_message *answer)
{
    (void)answer;
    ez_progress(ui, 1); happen(ui, way_of(ui));
}

static void page(ez_ui *ui)
{
    int *count = ez_state(ui, int, "count"), *slow = ez_state(ui, int, "slow"), *tries = ez_state(ui, int, "counted tries");
    ez_title(ui, "Crashes");
    const char *what = ez_text_input(ui, "What happens", .key = "what");
    snprintf(ez_state(ui, chosen, "chosen")->way, sizeof(chosen), "%s", what);
    *count += ez_button(ui, "Count", .key = "count");
    if (ez_button(ui, "Slow", .key = "slow")) {
        ++*slow;
        ez_sleep(ui, 0.2);
    }
    ez_text(ui, ez_fmt(ui, "count %d, slow %d, tries %d.", *count, *slow, *tries));
    if (ez_button(ui, "In the page", .key = "page")) {
        ++*tries;
        happen(ui, what);
    }
    ez_button(ui, "In a function", .key = "job");
    ez_on(ui, "job.click", job);
    ez_fragment(ui, part);
    if (ez_button(ui, "After an answer", .key = "done"))
        ez_chat_reply(ui, ez_chat_get(ui, "chat"), ez_model_get(ui, NULL), .done = answered);
    ez_slider(ui, "Crashes above 5", 0, 10, .key = "slider");
    if (ez_get_num(ui, "slider") > 5)
        happen(ui, "segv");
    if (ez_setting_int(ui, "mistake", 0))
        ez_slider(ui, "Turned round", 10, 0);
}

/* Crashes whenever it runs. */
static void always(ez_ui *ui)
{
    ez_title(ui, "Always");
    happen(ui, *ez_query(ui, "what") ? ez_query(ui, "what") : "segv");
}

static void setup(ez_app *app)
{
    ez_page(app, "/always", always, .title = "Always");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (getenv("CRASH_IN_SETUP") && !strcmp(ways[i].name, getenv("CRASH_IN_SETUP")))
            ways[i].now();
}

static void start(ez_app *app)
{
    (void)app;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (getenv("CRASH_IN_START") && !strcmp(ways[i].name, getenv("CRASH_IN_START")))
            ways[i].now();
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup, .start = start); }
