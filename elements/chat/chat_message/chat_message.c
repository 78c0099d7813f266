/* chat_message.c: one turn of a conversation. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include <string.h>

/* What a screen reader says before the turn. */
static const char *speaker(const char *role)
{
    if (!strcmp(role, "user")) return "You said";
    if (!strcmp(role, "assistant")) return "Answer";
    return role;
}

static bool known(const char *role)
{
    return !strcmp(role, "user") || !strcmp(role, "assistant") || !strcmp(role, "system");
}

/* A key that is a message's id ties the turn to the message. */
static void print_message_id(ez_html *h, const char *key)
{
    uint64_t id;
    if (key && id_read(key, strlen(key), &id))
        ez_print(h, " data-ez-message=\"%s\"", key);
}

static void print_folded(node *n, const ez_chat_message_args *a)
{
    ez_html *h = node_html(n);
    ez_print(h, "<details class=\"ez-chat-message\" data-role=\"system\"");
    print_message_id(h, a->key);
    ez_print(h, "><summary>");
    node_icon(n, "chevron-right");
    ez_print(h, "System message</summary><div class=\"ez-chat-body ez-place\"");
    node_print_place(n, 0);
    ez_print(h, "></div></details>");
}

static void print_turn(node *n, const ez_chat_message_args *a, const char *role)
{
    ez_html *h = node_html(n);
    ez_print(h, "<article class=\"ez-chat-message\" data-role=\"%s\" aria-label=\"%s\"", role, speaker(role));
    print_message_id(h, a->key);
    ez_print(h, ">");
    if (a->avatar && *a->avatar) {
        ez_print(h, "<div class=\"ez-chat-avatar\">");
        node_icon(n, a->avatar);
        ez_print(h, "</div>");
    }
    if (!known(role))
        ez_print(h, "<div class=\"ez-chat-name\">%s</div>", role);
    ez_print(h, "<div class=\"ez-chat-body ez-place\"");
    node_print_place(n, 0);
    ez_print(h, "></div></article>");
}

ez_ui *ez_chat_message_put(ez_ui *at, const ez_chat_message_args *a)
{
    const char *role = a->role && *a->role ? a->role : "user";
    node *n = node_open(at, &chat_message_type, &a->call, role, a->key);
    if (!strcmp(role, "system")) print_folded(n, a);
    else print_turn(n, a, role);
    node_close(n);
    return node_place(n, 0);
}
