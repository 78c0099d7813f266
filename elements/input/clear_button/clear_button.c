/* clear_button.c: empties controls and conversations; a binding of its click does the work. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../press.h"
#include "gen/elements_gen.h"
#include <ctype.h>
#include <stdio.h>

/* A binding needs a key. Without one of the caller's, the keys to clear name the button: "clear-msg-chat". */
static const char *key_of(const ez_clear_button_args *a, char *made, size_t room)
{
    if (a->key && *a->key)
        return a->key;
    int used = snprintf(made, room, "clear-");
    for (const char *at = a->clears ? a->clears : ""; *at && (size_t)used + 1 < room; at++)
        if (*at != ' ')
            made[used++] = isalnum((unsigned char)*at) || *at == '_' ? *at : '-';
    made[used] = 0;
    return made;
}

bool ez_clear_button_put(ez_ui *at, const ez_clear_button_args *a)
{
    char made[128], trigger[160];
    const char *key = key_of(a, made, sizeof made);
    press look = { a->label, a->help, a->icon, a->shortcut, key, a->kind, a->fill, false, a->disabled };
    node *n = node_open(at, &clear_button_type, &a->call, a->label, key);
    press_begin(n, "clear-button ez-button", &look);
    ez_print(node_html(n), " type=\"button\" data-ez-trigger=\"click\"");
    press_end(n, &look);
    snprintf(trigger, sizeof trigger, "%s.click", key);
    ez_on_put(at, EZ_ARGS(ez_on_args, .call = a->call, .trigger = trigger, .fn = NULL, .clears = a->clears, .rerun = true));
    return node_fired(n, "click");
}
