/* pictures_test.c: pictures in what is said are found, and only these. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "chat/pictures.h"
#include <stdio.h>
#include <string.h>

static const char *mark(arena *a, const char *words, const char *id, const char *name) { return arena_printf(a, "![%s](<./" FILE_ADDRESS "%s/%s>)", words, id, name); }

static const char *kept(arena *a, files *f, const char *name, const char *bytes)
{
    char id[FILE_ID_CHARS + 1];
    assert_true(files_put(f, "AAAAAAAAAAA", name, bytes, strlen(bytes), id));
    return arena_text(a, id);
}

TEST(pictures_come_out_of_what_users_say_in_their_order)
{
    files *f = files_open(NULL, NULL);
    arena *a = arena_new();
    const char *cat = kept(a, f, "cat.png", "cat"), *dog = kept(a, f, "dog.jpg", "dog");
    wire_turn turns[] = {
        { "system", mark(a, "cat", cat, "cat.png") },
        { "user", arena_printf(a, "Is this ![%%]\\( a cat? %s And this? %s\n\n", mark(a, "my \\[cat\\]", cat, "cat.png"), mark(a, "dog", dog, "dog.jpg")) },
        { "assistant", mark(a, "cat", cat, "cat.png") },
        { "user", mark(a, "dog", dog, "dog.jpg") },
    };
    const char *system = turns[0].text, *answer = turns[2].text;
    const wire_picture *all;
    assert_true(pictures_any(turns, COUNT(turns)));
    assert_int_equal(pictures_take(f, a, turns, COUNT(turns), 0, &all), 3);
    assert_ptr_equal(turns[0].text, system);
    assert_ptr_equal(turns[2].text, answer);
    assert_string_equal(turns[1].text, "Is this ![%]\\( a cat?  And this? ");
    assert_string_equal(turns[3].text, "");
    assert_int_equal(all[0].turn, 1), assert_int_equal(all[0].offset, strlen("Is this ![%]\\( a cat? ")), assert_string_equal(all[0].type, "image/png");
    assert_int_equal(all[1].turn, 1), assert_int_equal(all[1].offset, strlen(turns[1].text)), assert_string_equal(all[1].type, "image/jpeg");
    assert_int_equal(all[2].turn, 3), assert_int_equal(all[2].offset, 0);
    assert_non_null(strstr(all[0].address, "/cat.png"));
    arena_free(a);
    files_close(f);
}

TEST(what_is_no_picture_of_the_program_stays_text)
{
    static const char *const same[] = { "", "![", "![a](b)", "![a](<b>)", "![a](<" FILE_ADDRESS ">)", "![a](<" FILE_ADDRESS "AAAA/x.png>)", "![a\n](<" FILE_ADDRESS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/x.png>)",
                                        "![a](<" FILE_ADDRESS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/x.png", "![a](<https://example.org/" FILE_ADDRESS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/x.png>)", "![![![](<" };
    files *f = files_open(NULL, NULL);
    arena *a = arena_new();
    const wire_picture *all;
    for (int i = 0; i < COUNT(same); i++) {
        wire_turn turn = { "user", same[i] };
        assert_int_equal(pictures_take(f, a, &turn, 1, 0, &all), 0);
        assert_string_equal(turn.text, same[i]);
    }
    arena_free(a);
    files_close(f);
}

TEST(a_picture_of_a_question_that_was_edited_is_found)
{
    files *f = files_open(NULL, NULL);
    arena *a = arena_new();
    const wire_picture *all;
    wire_turn turn = { "user", arena_printf(a, "See ![cat](../" FILE_ADDRESS "%s/cat.png) there", kept(a, f, "cat.png", "cat")) };
    assert_int_equal(pictures_take(f, a, &turn, 1, 0, &all), 1);
    assert_string_equal(turn.text, "See  there");
    assert_int_equal(all[0].offset, 4);
    arena_free(a);
    files_close(f);
}

TEST(a_picture_that_is_gone_or_is_none_leaves_words)
{
    files *f = files_open(NULL, NULL);
    arena *a = arena_new();
    const wire_picture *all;
    wire_turn turn = { "user", arena_printf(a, "%s %s", mark(a, "gone", "AAAAAAAAAAA" "BBBBBBBBBBBBBBBBBBBBBB", "x.png"), mark(a, "notes", kept(a, f, "notes.txt", "words"), "notes.txt")) };
    assert_int_equal(pictures_take(f, a, &turn, 1, 0, &all), 0);
    assert_string_equal(turn.text, "(A picture that is no longer there: gone) (A picture that cannot be shown: notes)");
    arena_free(a);
    files_close(f);
}

TEST(of_many_pictures_the_newest_are_shown)
{
    files *f = files_open(NULL, NULL);
    arena *a = arena_new();
    const char *cat = kept(a, f, "cat.png", "cat");
    const wire_picture *all;
    wire_turn turns[PICTURES_MOST + 2];
    for (int i = 0; i < COUNT(turns); i++) turns[i] = (wire_turn){ "user", mark(a, "cat", cat, "cat.png") };
    assert_int_equal(pictures_take(f, a, turns, COUNT(turns), 0, &all), PICTURES_MOST);
    assert_int_equal(all[0].turn, 2);
    assert_string_equal(turns[1].text, "(A picture that is not shown again: cat)");
    assert_string_equal(turns[2].text, "");
    arena_free(a);
    files_close(f);
}

TEST(a_model_that_does_not_see_is_told_of_what_was_shown_before)
{
    files *f = files_open(NULL, NULL);
    arena *a = arena_new();
    const char *cat = kept(a, f, "cat.png", "cat");
    const wire_picture *all;
    wire_turn turns[] = { { "user", mark(a, "cat", cat, "cat.png") }, { "user", "Hello." } }, shown = { "user", mark(a, "cat", cat, "cat.png") };
    assert_int_equal(pictures_take(f, a, turns, COUNT(turns), COUNT(turns) - 1, &all), 0);
    assert_string_equal(turns[0].text, "(A picture that this model cannot see: cat)");
    assert_int_equal(pictures_take(f, a, &shown, 1, 0, &all), 1);
    arena_free(a);
    files_close(f);
}
