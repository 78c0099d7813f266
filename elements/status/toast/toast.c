/* toast.c: a short message that goes by itself. The page shows it: nothing stays in the run's tree. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include "page/markdown.h"
#include <string.h>

void ez_toast_put(ez_ui *at, const ez_toast_args *a)
{
    const char *words = a->text ? a->text : "";
    text html = { 0 }, args = { 0 };
    markdown_line(&html, words, strlen(words), 0);
    json j = json_to(&args);
    json_object(&j);
    json_key(&j, "html");
    json_text_n(&j, html.at ? html.at : "", html.count);
    if (a->icon) {
        json_key(&j, "icon");
        json_text(&j, a->icon);
    }
    json_key(&j, "seconds");
    json_number(&j, a->seconds > 0 ? (double)a->seconds : 4);
    json_object_end(&j);
    page_call(at, "toast", args.at);
    text_done(&html);
    text_done(&args);
}
