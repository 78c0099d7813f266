/* chatbot.c: a whole conversation in a box. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include <string.h>

static void print_box(node *n, const ez_chatbot_args *a, bool asked)
{
    ez_html *h = node_html(n);
    ez_print(h, "<ez-chatbot class=\"ez-chatbot\" style=\"--ez-chatbot-height:%dpx\">", a->height > 0 ? a->height : 400);
    if (a->label) {
        ez_print(h, "<div class=\"ez-chatbot-label%s\" id=\"%s-label\">", a->hide_label ? " ez-vh" : "", node_id(n));
        node_markdown_line(n, a->label);
        ez_print(h, "</div>");
    }
    ez_print(h, "<div class=\"ez-chatbot-scroll\" data-ez-follow tabindex=\"0\" role=\"group\"");
    if (a->label) ez_print(h, " aria-labelledby=\"%s-label\"", node_id(n));
    else ez_print(h, " aria-label=\"Conversation\"");
    ez_print(h, "><div class=\"ez-chatbot-messages ez-place\"");
    node_print_place(n, 0);
    ez_print(h, "></div>");
    if (!asked) {
        ez_print(h, "<div class=\"ez-chatbot-empty\">");
        node_icon(n, "chat");
        ez_print(h, "<p>");
        node_markdown_line(n, a->placeholder ? a->placeholder : "Nothing was said yet.");
        ez_print(h, "</p></div>");
    }
    ez_print(h, "</div><button type=\"button\" class=\"ez-chat-latest ez-icon-button\" aria-label=\"Jump to the latest message\" data-ez-own hidden>");
    node_icon(n, "arrow-down");
    ez_print(h, "</button></ez-chatbot>");
}

/* The messages are nodes of their own, in a key space of their own: the page may show the same conversation again. */
static void show_messages(ez_ui *place, ez_chat *chat, const ez_chatbot_args *a)
{
    ez_ui *messages = ez_scope(place, a->chat);
    for (int i = 0; i < ez_chat_count(chat); i++) {
        const ez_message *m = ez_chat_at(chat, i);
        if (a->hide_system && !strcmp(m->role, "system")) continue;
        ez_ui *turn = ez_chat_message_put(messages, EZ_ARGS(ez_chat_message_args, .call = a->call, .role = m->role, .key = m->id));
        ez_chat_text_put(turn, EZ_ARGS(ez_chat_text_args, .call = a->call, .message = m));
    }
}

void ez_chatbot_put(ez_ui *at, const ez_chatbot_args *a)
{
    ez_chat *chat = ez_chat_get(at, a->chat ? a->chat : "");
    bool asked = false;
    for (int i = 0; i < ez_chat_count(chat) && !asked; i++)
        asked = strcmp(ez_chat_at(chat, i)->role, "system") != 0;
    node *n = node_open(at, &chatbot_type, &a->call, a->label, a->chat);
    print_box(n, a, asked);
    node_close(n);
    show_messages(node_place(n, 0), chat, a);
}
