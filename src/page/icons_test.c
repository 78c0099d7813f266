/* icons_test.c: drawings out of a sprite. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "page/icons.h"
#include <string.h>

static void draws(const icons *set, const char *name, const char *drawing)
{
    text t = { 0 }, wanted = { 0 };
    icon_print(&t, set, name, strlen(name));
    text_printf(&wanted, "<svg class=\"ez-icon\" aria-hidden=\"true\" viewBox=\"0 0 20 20\">%s</svg>", drawing);
    assert_string_equal(t.at, wanted.at);
    text_done(&t);
    text_done(&wanted);
}

TEST(an_icon_is_drawn_in_place)
{
    icons *set = icons_read("<svg>\n<symbol id=\"b\" viewBox=\"0 0 20 20\"><path d=\"M1\"/></symbol>\n<symbol id=\"a-b\" viewBox=\"0 0 20 20\"><rect/><path/></symbol>\n"
                            "<symbol id=\"a\" viewBox=\"0 0 20 20\">x</symbol></svg>");
    draws(set, "a", "x");
    draws(set, "a-b", "<rect/><path/>");
    draws(set, "b", "<path d=\"M1\"/>");
    draws(set, "c", "");
    draws(set, "", "");
    icons_free(set);
}

TEST(without_a_sprite_there_is_an_empty_drawing)
{
    icons *none = icons_read(NULL), *broken = icons_read("<symbol id=\"a\" viewBox=\"0 0 20 20\"><path>");
    draws(none, "a", "");
    draws(broken, "a", "");
    draws(NULL, "a", "");
    icons_free(none);
    icons_free(broken);
}
