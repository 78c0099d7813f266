/* chat_interface.c: a whole chat, made of the elements of one. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include <string.h>

enum { LONGEST = 4096 };

/* What the visitor chose, or what the program said. */
typedef struct settings { ez_sampling sampling; bool given; int max_tokens; } settings;

static settings settings_ask(ez_ui *at, const ez_chat_interface_args *a)
{
    settings s = { .given = a->sampling != NULL, .max_tokens = a->max_tokens };
    if (a->sampling) s.sampling = *a->sampling;
    if (!a->sampling_controls)
        return s;
    const ez_sampling *first = a->sampling ? a->sampling : EZ_SAMPLING(.temperature = 0.7, .top_p = 0.9);
    ez_ui *box = ez_expander_put(at, EZ_ARGS(ez_expander_args, .call = a->call, .label = "Settings", .icon = "settings", .key = "settings"));
    s.sampling.temperature = ez_slider_put(box, EZ_ARGS(ez_slider_args, .call = a->call, .label = "Temperature", .min = 0, .max = 2, .value = first->temperature, .step = 0.05,
        .help = "0 always takes the likeliest word; the higher, the more surprising.", .key = "temperature"));
    s.sampling.top_p = ez_slider_put(box, EZ_ARGS(ez_slider_args, .call = a->call, .label = "Top p", .min = 0, .max = 1, .value = first->top_p, .step = 0.05,
        .help = "Only the likeliest words that together have this probability are considered; 0: all.", .key = "top_p"));
    s.max_tokens = ez_int_slider_put(box, EZ_ARGS(ez_int_slider_args, .call = a->call, .label = "Longest answer, tokens", .min = 16, .max = LONGEST,
        .value = a->max_tokens > 0 ? a->max_tokens : 512, .step = 16, .key = "max_tokens"));
    s.sampling.seed = (unsigned)ez_int_input_put(box, EZ_ARGS(ez_int_input_args, .call = a->call, .label = "Seed", .min = 0, .max = EZ_ANY_INT, .value = (int)first->seed,
        .help = "The same seed gives the same answer to the same conversation; 0: another each time.", .key = "seed"));
    s.given = true;
    return s;
}

static bool asked(ez_chat *chat)
{
    for (int i = 0; i < ez_chat_count(chat); i++)
        if (strcmp(ez_chat_at(chat, i)->role, "system"))
            return true;
    return false;
}

static void show_messages(ez_ui *at, ez_chat *chat, const ez_chat_interface_args *a)
{
    ez_ui *place = ez_scope(at, a->chat);
    for (int i = 0; i < ez_chat_count(chat); i++) {
        const ez_message *m = ez_chat_at(chat, i);
        if (!strcmp(m->role, "system"))
            continue;
        ez_chat_text_put(ez_chat_message_put(place, EZ_ARGS(ez_chat_message_args, .call = a->call, .role = m->role, .key = m->id)),
                         EZ_ARGS(ez_chat_text_args, .call = a->call, .message = m));
    }
}

static void show_clear(ez_ui *at, ez_chat *chat, const ez_chat_interface_args *a)
{
    if (!asked(chat))
        return;
    ez_clear_button_put(ez_scope(at, a->chat), EZ_ARGS(ez_clear_button_args, .call = a->call, .label = "Clear", .clears = a->chat, .kind = EZ_BUTTON_TERTIARY, .icon = "trash", .key = "clear"));
}

static void take_question(ez_ui *at, ez_chat *chat, const ez_chat_interface_args *a, const settings *s)
{
    const char *question = ez_chat_input_put(at, EZ_ARGS(ez_chat_input_args, .call = a->call, .placeholder = a->placeholder ? a->placeholder : "Ask something…",
                                                         .suggestions = a->examples, .pictures = a->pictures, .key = ez_fmt(at, "%s-question", a->chat)));
    if (!question)
        return;
    ez_chat_add(chat, "user", question);
    ez_reply_put(at, EZ_ARGS(ez_reply_args, .call = a->call, .chat = chat, .model = ez_model_put(at, EZ_ARGS(ez_model_args, .call = a->call, .path = a->model)),
                             .max_tokens = s->max_tokens, .sampling = s->given ? &s->sampling : NULL));
}

void ez_chat_interface_put(ez_ui *at, const ez_chat_interface_args *a)
{
    bool page = place_is_page(at);
    if (!a->chat || !*a->chat) {
        node_mistake(at, &a->call, "ez_chat_interface needs the key of a conversation: ez_chat_interface(ui, \"talk\")");
        return;
    }
    if (a->title && page) ez_title_put(at, EZ_ARGS(ez_title_args, .call = a->call, .text = a->title));
    else if (a->title) ez_header_put(at, EZ_ARGS(ez_header_args, .call = a->call, .text = a->title));
    if (a->description) ez_markdown_put(at, EZ_ARGS(ez_markdown_args, .call = a->call, .text = a->description));

    node *n = node_open(at, &chat_interface_type, &a->call, a->chat, NULL);
    ez_print(node_html(n), "<div class=\"ez-chat-interface ez-place\"");
    node_print_place(n, 0);
    ez_print(node_html(n), "></div>");
    node_close(n);
    ez_ui *inside = node_place(n, 0);
    ez_chat *chat = ez_chat_get(at, a->chat);
    if (a->system && !ez_chat_count(chat))
        ez_chat_add(chat, "system", a->system);
    settings s = settings_ask(ez_scope(inside, a->chat), a);
    ez_ui *talk = page ? at : ez_container_put(inside, EZ_ARGS(ez_container_args, .call = a->call));
    /* On the page the field stands at the foot wherever it is called, so what is asked can be shown at once. */
    take_question(page ? at : inside, chat, a, &s);
    if (page) show_messages(at, chat, a);
    else ez_chatbot_put(talk, EZ_ARGS(ez_chatbot_args, .call = a->call, .chat = a->chat, .height = a->height, .hide_system = true));
    show_clear(page ? at : talk, chat, a);
}
