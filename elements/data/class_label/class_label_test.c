/* class_label_test.c: classes with confidences. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"
#include <math.h>

static void classes(ez_ui *ui)
{
    double sure[] = { 0.004, 0.9, 0.096, NAN };
    ez_class_label(ui, EZ_OPTIONS("ant", "bee <b>", "cow", "dog"), sure, .num_top_classes = 3, .label = "Animal");
}

TEST(the_likeliest_class_is_large_and_stands_first)
{
    shown s = show(classes);
    const char *html = shown_main(&s);
    assert_has(html, "ez-class-label-top\">bee &lt;b&gt;</p>");
    const char *bee = strstr(html, "<span>bee"), *cow = strstr(html, "<span>cow"), *ant = strstr(html, "<span>ant");
    assert_true(bee && cow && ant && bee < cow && cow < ant);
    assert_has(html, "--ez-part:0.9000");
    assert_has(html, ">90 %<");
    assert_has(html, ">0.4 %<");
    assert_lacks(html, "dog");
    shown_done(&s);
}

static void without(ez_ui *ui)
{
    ez_class_label(ui, EZ_OPTIONS("bee", "cow"), NULL);
    ez_class_label(ui, NULL, NULL);
}

TEST(a_class_without_confidences_is_one_line)
{
    shown s = show(without);
    assert_has(shown_main(&s), "ez-class-label-top\">bee</p></div>");
    assert_has(shown_main(&s), "ez-class-label-top\">–</p></div>");
    assert_lacks(shown_main(&s), "ez-class-label-row");
    shown_done(&s);
}
