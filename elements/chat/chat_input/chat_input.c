/* chat_input.c: where a visitor asks. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

enum { MOST_CHARS = 100000, PICTURES_CHARS = 10 * 512 };        /* of what stands for pictures in a message */

static void print_suggestions(node *n, const ez_chat_input_args *a)
{
    if (!a->suggestions || !a->suggestions[0] || a->disabled) return;
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-chat-suggestions\" role=\"group\" aria-label=\"Suggestions\">");
    for (int i = 0; a->suggestions[i]; i++)
        ez_print(h, "<button type=\"button\" class=\"ez-chat-suggestion\">%s</button>", a->suggestions[i]);
    ez_print(h, "</div>");
}

static void print_pictures(node *n, const ez_chat_input_args *a)
{
    ez_html *h = node_html(n);
    if (!a->pictures) return;
    ez_print(h, "<label class=\"ez-chat-attach ez-icon-button\" title=\"Add pictures\"><input type=\"file\" multiple accept=\"image/png,image/jpeg,image/webp,image/gif\" aria-label=\"Add pictures\"%s>", a->disabled ? " disabled" : "");
    node_icon(n, "plus");
    ez_print(h, "</label>");
}

static void print_composer(node *n, const ez_chat_input_args *a)
{
    ez_html *h = node_html(n);
    const char *placeholder = a->placeholder ? a->placeholder : "";
    if (a->pictures) ez_print(h, "<ul class=\"ez-chat-pictures\" data-ez-own></ul>");
    ez_print(h, "<div class=\"ez-composer\">");
    print_pictures(n, a);
    ez_print(h, "<textarea rows=\"1\" dir=\"auto\" data-ez-submit data-ez-clear placeholder=\"%s\" aria-label=\"%s\" maxlength=\"%d\" autocomplete=\"off\" enterkeyhint=\"send\"%s></textarea>",
             placeholder, *placeholder ? placeholder : "Message", a->max_chars > 0 ? a->max_chars : MOST_CHARS, a->disabled ? " disabled" : "");
    ez_print(h, "<span class=\"ez-composer-end\">");
    if (a->max_chars > 0)
        ez_print(h, "<span class=\"ez-chat-count\" data-max=\"%d\" data-ez-own></span>", a->max_chars);
    ez_print(h, "<button type=\"button\" class=\"ez-chat-send\" data-ez-submit aria-label=\"Send\" title=\"Send\"%s>", a->disabled ? " disabled" : "");
    node_icon(n, "arrow-up");
    ez_print(h, "</button><button type=\"button\" class=\"ez-chat-stop\" data-ez-page=\"stop\" aria-label=\"Stop\" title=\"Stop\">");
    node_icon(n, "stop");
    ez_print(h, "</button></span></div>");
}

const char *ez_chat_input_put(ez_ui *at, const ez_chat_input_args *a)
{
    node *n = node_open(at, &chat_input_type, &a->call, a->placeholder, a->key);
    bool foot = place_is_page(at);
    if (foot) node_fixed(n, 2);
    if (a->disabled) node_no_event(n);
    ez_html *h = node_html(n);
    ez_print(h, "<ez-chat-input class=\"ez-chat-input\" role=\"form\" aria-label=\"New message\">");
    if (foot) {
        ez_print(h, "<button type=\"button\" class=\"ez-chat-latest ez-icon-button\" aria-label=\"Jump to the latest message\">");
        node_icon(n, "arrow-down");
        ez_print(h, "</button>");
    }
    print_suggestions(n, a);
    print_composer(n, a);
    ez_print(h, "</ez-chat-input>");
    node_close(n);
    const char *sent = node_fired_text(n, "submit");
    int most = (a->max_chars > 0 ? a->max_chars : MOST_CHARS) + (a->pictures ? PICTURES_CHARS : 0);
    if (!sent || ez_length(sent) <= most)
        return sent;
    ez_toast(at, ez_fmt(at, "This message is too long: it has %d characters, and %d are allowed.", ez_length(sent), most));
    return NULL;
}
