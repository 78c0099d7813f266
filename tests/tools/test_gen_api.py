# test_gen_api.py: the reference of the C interface says everything that the headers say, and notices when it is old.
# SPDX-License-Identifier: Apache-2.0

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import gen_api  # noqa: E402


class Api(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        shutil.copytree(ROOT / "include", self.root / "include")
        (self.root / "docs").mkdir()
        self.addCleanup(self.folder.cleanup)

    def made(self, extra=""):
        header = self.root / "include/easel/run.h"
        header.write_text(header.read_text().replace("/* ---- places ", extra + "\n/* ---- places ", 1))
        return gen_api.reference(self.root)

    def check(self):
        return subprocess.run([sys.executable, ROOT / "tools/gen_api.py", "--check", "--root", self.root], capture_output=True, text=True, check=False)

    def test_every_function_or_the_macro_that_calls_it_is_shown(self):
        text = gen_api.reference(ROOT)
        for header in gen_api.HEADERS:
            # What stands here is how the header itself works in C++, and nobody else's to call.
            of_header = re.sub(r"^#ifdef __cplusplus$.*?^extern \"C\" \{\n#endif$", "", (ROOT / header).read_text(), flags=re.M | re.S)
            for name in re.findall(r"^EZ_API .*?\b(ez_\w+)\(", of_header, re.M):
                shown = [name] + re.findall(rf"#define (ez_\w+[a-z])\([^\n]*\b{name}\b", of_header)
                inner = re.findall(rf"#define (ez_\w+_)\([^\n]*(?:\\\n[^\n]*)?\b{name}\b", of_header)
                shown += [i.removesuffix("_") for i in inner]
                self.assertTrue(any(re.search(rf"\b{n}\(", text) for n in shown), name)

    def test_a_call_with_options_has_its_signature_and_its_tables(self):
        text = gen_api.reference(ROOT)
        self.assertIn("void ez_fragment(at, fn, .run_every, .run_on, .key);", text)
        self.assertIn("| `.run_every` | `ez_real` | Seconds. |", text)
        self.assertIn("const ez_message *ez_chat_reply(ui, chat, model, .max_tokens, .sampling, .done);", text)
        self.assertNotIn("named_", text)

    def test_signs_of_markdown_in_a_comment_mean_themselves(self):
        text = self.made("/* Says a * b < c and `x|y`. */\nEZ_API void ez_added(ez_ui *ui);\n")
        self.assertIn("Says a \\* b \\< c and `x|y`.\n\n```c\nvoid ez_added(ez_ui *ui);", text)

    def test_an_old_page_fails_the_check_and_is_left_alone(self):
        page = self.root / "docs/c-api.md"
        self.assertNotEqual(self.check().returncode, 0)
        self.assertFalse(page.exists())
        page.write_text(gen_api.reference(self.root))
        self.assertEqual(self.check().returncode, 0)
        self.made("EZ_API void ez_added(ez_ui *ui);\n")
        done = self.check()
        self.assertIn("make gen", done.stderr)
        self.assertNotIn("ez_added", page.read_text())


if __name__ == "__main__":
    unittest.main()
