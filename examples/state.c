/* state.c: typed state of the session, with a record so that a later build may add fields, and without. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <stdio.h>
#include <string.h>

typedef struct { char last[64]; int guesses, best; bool won; } game;
EZ_RECORD(game,
    EZ_FIELD(game, last),
    EZ_FIELD(game, guesses),
    EZ_FIELD(game, best),
    EZ_FIELD(game, won));

enum { SECRET = 42 };

static void guess(game *g, int number)
{
    g->guesses++;
    g->won = number == SECRET;
    snprintf(g->last, sizeof g->last, "%d is %s", number, g->won ? "right" : number < SECRET ? "too low" : "too high");
    if (g->won && (!g->best || g->guesses < g->best))
        g->best = g->guesses;
}

static void page(ez_ui *ui)
{
    game *g = ez_state_record(ui, game, "game");
    int *visits = ez_state(ui, int, "visits");
    ++*visits;

    ez_title(ui, "Guess the number");
    ez_ui *form = ez_form(ui, "guess");
    int number = ez_int_input(form, "From 1 to 100", 1, 100, .value = 50);
    if (ez_submit_button(form, "Guess", .disabled = g->won)) {
        guess(g, number);
        ez_rerun(ui);                             /* from the top, so that the button above knows of it */
        return;
    }
    if (ez_button(ui, "Another game", .disabled = !g->guesses)) {
        int best = g->best;
        memset(g, 0, sizeof *g);
        g->best = best;
        ez_rerun(ui);
        return;
    }
    const char *guesses = ez_fmt(ui, "%d %s", g->guesses, g->guesses == 1 ? "guess" : "guesses");
    if (g->won)              ez_success(ui, ez_fmt(ui, "%s, after %s.", g->last, guesses));
    else if (g->guesses)     ez_info(ui, ez_fmt(ui, "%s. %s so far.", g->last, guesses));
    if (g->best)             ez_metric(ui, "Best game", ez_fmt(ui, "%d", g->best));
    ez_caption(ui, ez_fmt(ui, "This page ran %d times for you. Close the tab, restart the program: it remembers.", *visits));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .title = "State"); }
