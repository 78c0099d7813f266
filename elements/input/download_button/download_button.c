/* download_button.c: a link to a file that looks like a button. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/element.h"
#include "gen/elements_gen.h"

bool ez_download_button_put(ez_ui *at, const ez_download_button_args *a)
{
    static const char *const kinds[] = { "secondary", "primary", "tertiary" };
    node *n = node_open(at, &download_button_type, &a->call, a->label, a->key);
    const char *address = a->file && !a->disabled ? node_file_address(at, a->file) : NULL;
    ez_html *h = node_html(n);
    ez_print(h, "<a class=\"ez-download-button ez-button\" data-kind=\"%s\"", kinds[a->kind >= 0 && a->kind < COUNT(kinds) ? a->kind : 0]);
    if (a->fill) ez_print(h, " data-fill");
    if (a->help) ez_print(h, " title=\"%s\"", a->help);
    if (address) {
        ez_print(h, " href=\"%s?download=1\" download=\"%s\" data-ez-trigger=\"click\"", address, a->file->name ? a->file->name : "");
    } else {
        ez_print(h, " role=\"link\" aria-disabled=\"true\"");
        node_no_event(n);
    }
    ez_print(h, ">");
    node_icon(n, a->icon ? a->icon : "download");
    ez_print(h, "<span class=\"ez-button-label\">");
    node_label_line(n, a->label);
    ez_print(h, "</span></a>");
    node_close(n);
    return node_fired(n, "click");
}
