#!/usr/bin/env python3
# test_gen.py: what gen.py refuses, and that what it writes compiles only as it should.
# SPDX-License-Identifier: Apache-2.0

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import gen

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOOD = """
group = "input"
event = "value"
returns = "int"
doc = "A number of stars."
gives = "How many stars."
[args]
label = { type = "text", doc = "What is rated." }
[options]
value = { type = "int", legal = "from 0", doc = "Stars at first." }
stars = { type = "int", legal = "above 0", default = 5, doc = "How many there are." }
key = {}
disabled = {}
"""


class Schemas(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        shutil.copytree(ROOT / "include", self.root / "include")

    def put(self, text=GOOD, name="rating", group="input"):
        folder = self.root / "elements" / group / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.toml").write_text(text)

    def refused(self, reason, text=GOOD, **where):
        self.put(text, **where)
        with self.assertRaises(gen.Refused) as why:
            gen.outputs(self.root)
        self.assertIn(reason, str(why.exception))

    def test_a_folder_is_all_that_an_element_needs(self):
        self.put()
        out = gen.outputs(self.root)
        self.assertIn("EZ_API int ez_rating_put(ez_ui *at, const ez_rating_args *args);", out["include/easel/elements.h"])
        self.assertIn('{ "rating", "input", ELEMENT_VALUE, 0 }', out["src/gen/elements_gen.c"])
        self.assertIn("### rating", out["docs/elements.md"])

    def test_a_demo_becomes_a_page_of_the_gallery(self):
        self.put()
        (self.root / "elements/input/rating/demo.c").write_text("static int helper(int a) { return a; }\nstatic void page(ez_ui *ui) { }\n")
        text = gen.outputs(self.root)["gallery/gallery.c"]
        self.assertIn("#define helper rating_demo_helper", text)
        self.assertIn('{ "/rating", "Rating", "Input", "A number of stars.", rating_demo_page }', text)

    def test_a_legal_zero_with_another_default_is_refused(self):
        self.refused("nobody could ever ask for zero", GOOD.replace('legal = "above 0"', 'legal = "from 0"'))

    def test_a_number_must_say_what_is_legal(self):
        self.refused("say `legal", GOOD.replace('legal = "above 0", ', ""))

    def test_a_name_of_run_h_is_refused(self):
        self.refused("ez_scope is already a name", GOOD, name="scope")

    def test_a_word_of_c_plus_plus_is_refused(self):
        self.refused("`template` is a word", GOOD.replace("stars =", "template ="))

    def test_a_missing_sentence_is_refused(self):
        self.refused("needs a doc sentence", GOOD.replace(', doc = "How many there are."', ""))

    def test_options_out_of_the_common_order_are_refused(self):
        self.refused("option `key` must stand before `disabled`", GOOD.replace("key = {}\ndisabled = {}", "disabled = {}\nkey = {}"))

    def test_an_unknown_field_is_refused(self):
        self.refused("unknown field `retruns`", GOOD.replace("returns", "retruns"))

    def test_a_wrong_group_is_refused(self):
        self.refused("`group` must be the folder above", GOOD, group="layout")

    def test_two_elements_of_one_name_are_refused(self):
        self.put()
        self.refused("has the same name", GOOD.replace('"input"', '"data"'), group="data")

    def test_a_template_prints_what_is_given_only(self):
        self.put('group = "text"\nevent = "shows"\ndoc = "A note."\n'
                 "html = '<p class=\"ez-note\">{?title}<b>{title|line}</b>{/}{text}</p>'\n"
                 '[args]\ntext = { type = "text", doc = "What." }\n[options]\ntitle = { type = "text", doc = "Bold." }\n', name="note", group="text")
        text = gen.outputs(self.root)["src/gen/elements_gen.c"]
        self.assertIn('    if (a->title) {\n        ez_print(h, "<b>");\n        node_markdown_line(n, a->title);\n', text)
        self.assertIn('ez_print(h, "%s</p>", a->text);', text)

    def test_a_template_with_an_unknown_name_is_refused(self):
        self.refused("{wrod} names no argument", 'group = "text"\nevent = "shows"\ndoc = "A note."\nhtml = \'<p class="ez-note">{wrod}</p>\'\n', name="note", group="text")


class Header(unittest.TestCase):
    def compiles(self, call, compiler=("gcc", "-std=c11")):
        text = f"#include <easel.h>\nvoid f(ez_ui *ui);\nvoid f(ez_ui *ui) {{ {call} }}\n"
        return subprocess.run([*compiler, "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", f"-I{ROOT}/include", "-x", "c++" if "++" in compiler[0] else "c", "-"],
                              input=text.encode(), stderr=subprocess.DEVNULL).returncode == 0

    def test_a_further_positional_argument_does_not_compile(self):
        self.assertTrue(self.compiles('ez_title(ui, "a");'))
        self.assertFalse(self.compiles('ez_title(ui, "a", "b");'))
        self.assertFalse(self.compiles('ez_slider(ui, "a", 0, 1, 5);'))
        self.assertFalse(self.compiles('ez_slider(ui, "a", 0, 1, 5);', ("g++", "-std=c++20")))

    def test_a_leading_argument_may_not_be_left_out(self):
        self.assertFalse(self.compiles('ez_slider(ui, "a", 0);'))

    def test_an_unknown_option_does_not_compile(self):
        self.assertFalse(self.compiles('ez_title(ui, "a", .colour = "red");'))


class Sources(unittest.TestCase):
    def test_what_is_checked_in_is_what_gen_writes(self):
        for name, text in gen.outputs(ROOT).items():
            self.assertEqual((ROOT / name).read_text(), text, name)


if __name__ == "__main__":
    unittest.main()
