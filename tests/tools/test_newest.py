# test_newest.py: `make newest` knows which packages are clients, and tries them beside the lock files.
# SPDX-License-Identifier: Apache-2.0

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import newest  # noqa: E402


class Newest(unittest.TestCase):
    def test_a_client_is_a_pinned_package_that_a_test_imports(self):
        pins = {"openai": "1.0.0", "@gradio/client": "2.0.0", "@modelcontextprotocol/sdk": "3.0.0", "ws": "4.0.0", "axe-core": "5.0.0"}
        sources = ['import OpenAI from "openai";\nimport { Client as Gradio } from "@gradio/client";\n',
                   'import { Client } from "@modelcontextprotocol/sdk/client/index.js";\nimport assert from "node:assert/strict";\nconst x = "axe-core";\n']
        self.assertEqual(newest.npm_clients(pins, sources), {"@gradio/client": "2.0.0", "@modelcontextprotocol/sdk": "3.0.0", "openai": "1.0.0"})

    def test_requirements_that_are_pinned_are_read(self):
        self.assertEqual(newest.pypi_clients("openai==3.5.0\n# one more\nmcp==2.3.0\n-r ../bench/requirements.txt\n"), {"mcp": "2.3.0", "openai": "3.5.0"})

    def test_those_of_this_tree_are_found(self):
        import json
        clients = newest.npm_clients(json.loads((ROOT / "tests/package.json").read_text())["dependencies"], [p.read_text() for p in (ROOT / "tests/clients").glob("*.mjs")])
        self.assertLessEqual({"@gradio/client", "@modelcontextprotocol/sdk", "openai"}, set(clients))
        self.assertNotIn("playwright-core", clients)
        self.assertLessEqual({"gradio_client", "mcp", "openai"}, set(newest.pypi_clients((ROOT / "tests/requirements.txt").read_text())))

    def test_the_tests_run_in_a_copy_without_the_packages_of_the_lock_file(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            newest.scratch(folder)
            self.assertTrue((folder / "tests/clients/rest.test.mjs").is_file())
            self.assertTrue((folder / "bench/programs.py").is_file())
            self.assertEqual((folder / "build").resolve(), ROOT / "build")
            for left in ("tests/node_modules", "tests/package-lock.json"):
                self.assertFalse((folder / left).exists(), left)


if __name__ == "__main__":
    unittest.main()
