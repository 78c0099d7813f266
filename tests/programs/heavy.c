/* heavy.c: a page whose sessions are large: a megabyte of state for each visitor who asks for it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel/easel.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

typedef struct load { uint32_t seed, words[(1 << 20) / 4]; } load;

static uint32_t next(uint32_t x) { return x * 1664525u + 1013904223u; }

static void fill(load *l, uint32_t seed)
{
    l->seed = seed;
    for (size_t i = 0; i < sizeof l->words / sizeof *l->words; i++)
        l->words[i] = seed = next(seed);
}

static bool whole(const load *l)
{
    uint32_t seed = l->seed;
    for (size_t i = 0; i < sizeof l->words / sizeof *l->words; i++)
        if (l->words[i] != (seed = next(seed)))
            return false;
    return true;
}

static void page(ez_ui *ui)
{
    int *clicks = ez_state(ui, int, "clicks");
    ez_title(ui, "Heavy");
    const char *typed = ez_text_input(ui, "Text", .key = "text");
    int seed = ez_int_input(ui, "Seed", 0, 1000000, .key = "seed");
    if (ez_button(ui, "Load", .key = "load")) {
        fill(ez_state(ui, load, "load"), (uint32_t)seed);
        ++*clicks;
    }
    if (ez_button(ui, "Check", .key = "check"))
        ez_text(ui, ez_fmt(ui, "load of %u is %s, click %d, text %s", ez_state(ui, load, "load")->seed, whole(ez_state(ui, load, "load")) ? "whole" : "damaged",
                           ++*clicks, typed), .key = "checked");
    if (ez_button(ui, "Busy", .key = "busy"))       /* at work with all of its memory until somebody stops it */
        while (ez_running(ui))
            nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
    ez_text(ui, ez_fmt(ui, "%d clicks", *clicks), .key = "clicks");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
