/* chat_text.c: what a message says, and what a visitor can do with it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include "page/element.h"
#include <string.h>

static const char *const states[] = { "done", "streaming", "stopped", "failed" };

typedef enum look { PLAIN, OFF, UP, DOWN } look;        /* of a button: as it is, not usable, not pressed, pressed */

static void print_action(node *n, const char *action, const char *icon, const char *label, look as)
{
    ez_html *h = node_html(n);
    ez_print(h, "<button type=\"button\" class=\"ez-icon-button\" data-act=\"%s\" aria-label=\"%s\" title=\"%s\"", action, label, label);
    switch (as) {
    case PLAIN: break;
    case OFF:   ez_print(h, " disabled"); break;
    case UP:    ez_print(h, " aria-pressed=\"false\""); break;
    case DOWN:  ez_print(h, " aria-pressed=\"true\""); break;
    }
    ez_print(h, ">");
    node_icon(n, icon);
    ez_print(h, "</button>");
}

static void print_branches(node *n, const message_view *v)
{
    if (v->branches < 2) return;
    ez_html *h = node_html(n);
    ez_print(h, "<span class=\"ez-chat-branch\" role=\"group\" aria-label=\"Versions\" data-branch=\"%d\" data-branches=\"%d\">", v->branch, v->branches);
    print_action(n, "back", "chevron-left", "Version before", v->branch > 1 ? PLAIN : OFF);
    ez_print(h, "<span>%d / %d</span>", v->branch, v->branches);
    print_action(n, "on", "chevron-right", "Version after", v->branch < v->branches ? PLAIN : OFF);
    ez_print(h, "</span>");
}

static void print_figures(ez_html *h, const ez_message *m, const message_view *v)
{
    if (m->tokens <= 0 || v->speed <= 0) return;
    ez_print(h, "<span class=\"ez-chat-figures\"><span>%.0f tokens/s</span>", v->speed);
    if (v->first_token > 0)
        ez_print(h, "<span>first token %.2f s</span>", v->first_token);
    ez_print(h, "</span>");
}

static void print_foot(node *n, const ez_message *m, const message_view *v, bool question)
{
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-chat-foot\">");
    if (m->state == EZ_MESSAGE_STREAMING) {
        ez_print(h, "<span class=\"ez-chat-writing\" role=\"progressbar\" aria-label=\"The answer is being written\"></span>");
        print_action(n, "stop", "stop", "Stop", PLAIN);
        ez_print(h, "</div>");
        return;
    }
    if (*m->text) print_action(n, "copy", "copy", "Copy", PLAIN);
    if (question) print_action(n, "edit", "edit", "Edit", PLAIN);
    if (v->answer) print_action(n, "regenerate", "refresh", "Regenerate", PLAIN);
    if (!question && *m->text) {
        print_action(n, "good", "thumbs-up", "Good answer", v->feedback > 0 ? DOWN : UP);
        print_action(n, "bad", "thumbs-down", "Bad answer", v->feedback < 0 ? DOWN : UP);
    }
    print_branches(n, v);
    print_figures(h, m, v);
    ez_print(h, "</div>");
}

/* Why nothing is there yet. */
static void print_wait(ez_html *h, const ez_message *m, const message_view *v)
{
    if (m->state != EZ_MESSAGE_STREAMING || *m->text) return;
    if (v->waits_for_model) ez_print(h, "<p class=\"ez-chat-note\">%s</p>", v->loading && *v->loading ? v->loading : "Loading the model…");
    else if (v->position > 0) ez_print(h, "<p class=\"ez-chat-note\">Waiting: number %d in the queue.</p>", v->position);
}

/* What happened to an answer: in two words, then the engine's own sentence, which says what to do. */
static void print_error(node *n, const ez_message *m)
{
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-chat-error\" role=\"alert\"><strong>");
    switch (m->error.code) {
    case EZ_MISSING:   ez_print(h, "No model"); break;
    case EZ_NO_MEMORY: ez_print(h, "Too little memory"); break;
    case EZ_BROKEN:    ez_print(h, "Not a usable model"); break;
    case EZ_FULL:      ez_print(h, "Too many are asking"); break;
    default:           ez_print(h, "The answer failed"); break;
    }
    ez_print(h, ":</strong> ");
    node_markdown_line(n, m->error.text);
    ez_print(h, "</div>");
}

void ez_chat_text_put(ez_ui *at, const ez_chat_text_args *a)
{
    static const ez_message nothing = { "", "assistant", "", EZ_MESSAGE_DONE, 0, 0, { EZ_OK, "" } };
    const ez_message *m = a->message ? a->message : &nothing;
    message_view v = message_look(at, m);
    bool question = m->role && !strcmp(m->role, "user"), system = m->role && !strcmp(m->role, "system");
    node *n = node_open(at, &chat_text_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<ez-chat-text class=\"ez-chat-text\" data-state=\"%s\" data-ez-message=\"%s\"", states[m->state & 3], m->id);
    if (v.last) ez_print(h, " data-last");
    ez_print(h, ">");
    ez_print(h, "<div class=\"ez-prose\" dir=\"auto\" data-ez-end>");
    node_message(n, m);
    ez_print(h, "</div>");
    print_wait(h, m, &v);
    if (question) ez_print(h, "<div class=\"ez-chat-edit\" data-ez-own></div>");
    if (v.dropped > 0)
        ez_print(h, "<p class=\"ez-chat-note\">The conversation is longer than the model can read; its first %d turns were left out.</p>", v.dropped);
    if (m->state == EZ_MESSAGE_STOPPED) ez_print(h, "<p class=\"ez-chat-note\">Stopped.</p>");
    if (m->error.code && !a->hide_error) print_error(n, m);
    if (!a->hide_actions && !system) print_foot(n, m, &v, question);
    ez_print(h, "</ez-chat-text>");
    node_close(n);
}
