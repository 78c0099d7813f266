/* page_config.c: what the page is called and how wide it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

void ez_page_config_put(ez_ui *at, const ez_page_config_args *a)
{
    static const char *const layouts[] = { "centered", "wide" }, *const tabs[] = { "own", "shared" }, *const sidebars[] = { "auto", "expanded", "collapsed" };
    text args = { 0 };
    json j = json_to(&args);
    json_object(&j);
    json_key(&j, "title");
    json_text(&j, a->title);
    json_key(&j, "icon");
    json_text(&j, a->icon);
    json_key(&j, "layout");
    json_text(&j, layouts[a->layout & 1]);
    json_key(&j, "tabs");
    json_text(&j, tabs[a->tabs & 1]);
    json_key(&j, "sidebar");
    json_text(&j, sidebars[a->sidebar >= 0 && a->sidebar < 3 ? a->sidebar : 0]);
    json_object_end(&j);
    page_call(at, "config", args.at);
    text_done(&args);
}
