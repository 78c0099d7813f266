# test_tools.py: the checks that guard the tree can fail, and the runner sees what fails.
# SPDX-License-Identifier: Apache-2.0

import contextlib
import io
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import run_tests  # noqa: E402

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"


class Layers(unittest.TestCase):
    def check(self, files):
        with tempfile.TemporaryDirectory() as tree:
            for name, text in files.items():
                path = pathlib.Path(tree, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            done = subprocess.run([sys.executable, ROOT / "tools/check_layers.py", tree], capture_output=True, text=True, check=False)
            return done.returncode, done.stdout

    def refused(self, why, files):
        status, output = self.check(files)
        self.assertEqual(status, 1, output)
        self.assertIn(why, output)

    def test_a_tidy_tree_passes(self):
        status, output = self.check({"src/base/a.c": SPDX, "src/page/p.c": SPDX + '#include "base/a.h"\n#include "gen/t.h"\n#include <stdio.h>\n',
                                     "src/gen/t.h": SPDX, "elements/text/x/x.c": SPDX + '#include "page/element.h"\n'})
        self.assertEqual(status, 0, output)

    def test_a_room_that_includes_a_lower_one_is_named_with_its_line(self):
        self.refused("src/base/a.c:2: src/base includes src/net", {"src/base/a.c": SPDX + '#include "net/net.h"\n', "src/net/net.h": SPDX})

    def test_a_relative_path_does_not_hide_it(self):
        self.refused("src/loop includes src/store", {"src/loop/a.c": SPDX + '#include "../store/store.h"\n', "src/store/store.h": SPDX})

    def test_generated_tables_have_two_readers(self):
        self.refused("src/net includes src/gen", {"src/net/a.c": SPDX + '#include "gen/t.h"\n', "src/gen/t.h": SPDX})

    def test_an_element_reads_base_and_page_alone(self):
        self.refused("an element includes src/store", {"elements/text/x/x.c": SPDX + '#include "store/store.h"\n', "src/store/store.h": SPDX})

    def test_examples_use_public_headers_alone(self):
        self.refused("public headers alone", {"examples/x.c": SPDX + '#include "base/base.h"\n', "src/base/base.h": SPDX})

    def test_a_long_file_is_refused(self):
        self.refused("901 lines", {"src/base/a.c": SPDX + "\n" * 900})

    def test_a_missing_licence_line_is_refused(self):
        self.refused("SPDX", {"src/base/a.c": "int a;\n"})

    def test_machine_paths_and_registries_are_refused(self):
        self.refused("one machine only", {"docs/a.md": "see /" + "root/thing\n"})
        self.refused("one machine only", {"docs/a.md": "from https://npm" + ".registry.example/x\n"})

    def test_a_crowded_root_is_refused(self):
        self.refused("the root has 21 entries", {f"f{i}.txt": "" for i in range(21)})


class Runner(unittest.TestCase):
    def test_failed_cmocka_tests_are_named_once(self):
        output = "[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n[  FAILED  ] b\n[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] b\n"
        self.assertEqual(run_tests.cmocka(1, output, 9), (1, ["b"]))

    def test_a_crash_is_a_failure_of_the_test_that_ran(self):
        output = "[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n"
        self.assertEqual(run_tests.cmocka(-signal.SIGSEGV, output, 9), (1, ["b: died of SIGSEGV"]))

    def test_a_hang_is_a_failure(self):
        self.assertEqual(run_tests.cmocka(None, "[ RUN      ] a\n", 9), (0, ["a: no end after 9 s"]))

    def test_a_leak_after_the_last_test_is_a_failure(self):
        self.assertEqual(run_tests.cmocka(1, "[ RUN      ] a\n[       OK ] a\n", 9), (1, ["exit status 1 after the last test"]))

    def test_a_program_without_tests_is_a_failure(self):
        self.assertEqual(run_tests.cmocka(0, "", 9), (0, ["ran no test"]))

    def test_a_command_that_hangs_is_ended_with_its_children(self):
        status, _, seconds = run_tests.run(["sh", "-c", "sleep 60 & sleep 60"], 0.3)
        self.assertIsNone(status)
        self.assertLess(seconds, 10)

    def test_programs_run_together_and_one_that_breaks_is_a_failure(self):
        def broken():
            raise OSError("no such program")

        ran, kept = [], (run_tests.passed, list(run_tests.failures))
        try:
            run_tests.failures.clear()
            with contextlib.redirect_stdout(io.StringIO()):
                run_tests.together({"a": lambda: ran.append("a"), "b": broken, "c": lambda: ran.append("c")})
            self.assertEqual((sorted(ran), run_tests.failures), (["a", "c"], ["b: OSError: no such program"]))
        finally:
            run_tests.passed, run_tests.failures[:] = kept

    def node(self, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "x.test.mjs")
            file.write_text('import test, { describe, it } from "node:test";\n' + text)
            environment = {k: v for k, v in os.environ.items() if k != "NODE_TEST_CONTEXT"}
            done = subprocess.run(["node", "--test", "--test-reporter=tap", str(file)], capture_output=True, text=True, check=False, env=environment)
            good, bad = run_tests.tap(done.stdout)
            return good, [pathlib.PurePath(name).name for name in bad]

    def test_node_tests_are_counted_and_named(self):
        self.assertEqual(self.node('test("one", () => {}); describe("s", () => { it("two", () => {}); it("three", () => { throw 1; }); });'), (2, ["three"]))

    def test_a_node_file_that_throws_is_a_failure(self):
        self.assertEqual(self.node('throw new Error("no");'), (0, ["x.test.mjs"]))

    def test_a_node_file_without_tests_counts_nothing(self):
        self.assertEqual(self.node("console.log(1);"), (0, []))


class Embed(unittest.TestCase):
    def test_every_byte_comes_through_the_compiler(self):
        data = bytes(range(256)) * 8 + b"??=\\\"1\n"
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "a-1.js").write_bytes(data)
            (folder / "manifest.json").write_text('[{"role": "easel.js", "file": "a-1.js"}]')
            subprocess.run([sys.executable, ROOT / "tools/embed.py", folder, folder / "assets.c"], check=True)
            (folder / "main.c").write_text('#include <stdio.h>\n#include "gen/assets.h"\nint main(int n, char **v) { (void)v; const asset *a = asset_table;\n'
                                           "asset_bytes b = n == 1 ? a->plain : n == 2 ? a->gzip : a->brotli; fwrite(b.at, 1, b.count, stdout); return asset_count != 1; }\n")
            subprocess.run(["gcc", f"-I{ROOT}/src", folder / "main.c", folder / "assets.c", "-o", folder / "main"], check=True)

            def show(*more):
                return subprocess.run([folder / "main", *more], capture_output=True, check=True).stdout

            self.assertEqual(show(), data)
            self.assertEqual(subprocess.run(["gzip", "-dc"], input=show("x"), capture_output=True, check=True).stdout, data)
            self.assertEqual(subprocess.run(["brotli", "-dc"], input=show("x", "y"), capture_output=True, check=True).stdout, data)


if __name__ == "__main__":
    unittest.main()
