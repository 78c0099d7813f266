# test_docs.py: what the pages of documentation say of the tree is so.
# SPDX-License-Identifier: Apache-2.0

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from check_layers import ROOMS  # noqa: E402

# Files that a page tells its reader to make.
READERS = re.compile("rating|^web/theme/app.css$")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text()


def anchors(page):
    """The names of a page's headings, as GitHub makes them."""
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)$", page.read_text(), re.M)}


class Docs(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        for page in PAGES:
            text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.S)
            for address in re.findall(r"\]\(([^)\s]+)\)", text):
                if re.match(r"[a-z]+:", address):
                    continue
                path, _, anchor = address.partition("#")
                target = (page.parent / path).resolve() if path else page
                self.assertTrue(target.exists(), f"{page.name} links to {address}")
                if anchor:
                    self.assertIn(anchor, anchors(target), f"{page.name} links to {address}")

    def test_the_program_of_the_readme_is_the_example(self):
        program = re.search(r"```c\n(.*?)```", README, re.S).group(1)
        example = (ROOT / "examples/hello.c").read_text()
        self.assertEqual(program, example[example.index("#include"):])

    def test_the_readme_has_a_line_for_each_room_in_their_order(self):
        rooms = README[README.index("## The rooms"):]
        self.assertEqual(re.findall(r"^\| `(\w+)` \|", rooms, re.M), ROOMS)

    def test_a_room_that_has_begun_is_not_called_empty(self):
        for room in re.findall(r"^\| `(\w+)` \|.*not begun", README, re.M):
            self.assertFalse((ROOT / "src" / room).exists(), room)

    def test_the_index_names_every_page(self):
        index = (ROOT / "docs/README.md").read_text()
        for page in (ROOT / "docs").iterdir():
            if page.suffix in (".md", ".html") and page.name != "README.md":
                self.assertRegex(index, rf"[(`]{re.escape(page.name)}[)`]")

    def test_files_that_the_pages_name_are_there(self):
        for page in PAGES:
            for path in re.findall(r"`((?:src|tools|tests|examples|elements|include|web|bench|docs)/[\w./-]+\.\w+)`", page.read_text()):
                if not READERS.search(path):
                    self.assertTrue((ROOT / path).exists() or any(ROOT.glob(path)), f"{page.name} names {path}")


if __name__ == "__main__":
    unittest.main()
