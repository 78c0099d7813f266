# test_run.py: a whole run of Easel and the bare program; what is interrupted, broken, or not there.
# SPDX-License-Identifier: Apache-2.0

import contextlib
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import contestants
import cost
import report
import store
from store import Results, Stop

BUILD = pathlib.Path(os.environ.get("EASEL_BUILD", HERE.parent.parent / "build"))
PLAN = {"settings": {"threads": 1, "model": "m.gguf"}}


def bench(*words, **options):
    return subprocess.run([sys.executable, str(HERE), "--build", str(BUILD), *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=280, check=False, **options)


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="easel-compare-test-"))
        self.addCleanup(shutil.rmtree, self.folder)


class Samples(Folder):
    def test_a_run_goes_on_where_it_was_interrupted(self):
        results = Results(self.folder / "r", PLAN, False)
        results.add("cold", "easel", 0, {"first": 5})
        with results.lines.open("a") as file:
            file.write('{"measure": "cold", "contes')                # cut by the end of the process
        again = Results(self.folder / "r", PLAN, True)
        self.assertTrue(again.has("cold", "easel", 0))
        self.assertFalse(again.has("cold", "easel", 1))
        again.add("cold", "easel", 1, {"first": 7})
        self.assertEqual(Results(self.folder / "r", PLAN, True).values("cold", "easel", "first"), [5, 7])

    def test_a_sample_in_another_setting_is_not_this_one(self):
        results = Results(self.folder / "r", PLAN, False)
        results.add("users", "easel", 0, {"latency": 1}, task="echo", users=10)
        self.assertTrue(results.has("users", "easel", 0, task="echo", users=10))
        self.assertFalse(results.has("users", "easel", 0, task="echo"))

    def test_nothing_is_written_over(self):
        Results(self.folder / "r", PLAN, False)
        self.assertRaisesRegex(Stop, "--resume", Results, self.folder / "r", PLAN, False)
        (self.folder / "other").mkdir()
        (self.folder / "other/photo").touch()
        self.assertRaisesRegex(Stop, "no run", Results, self.folder / "other", PLAN, False)

    def test_a_packed_run_is_small_and_reads_as_before(self):
        results = Results(self.folder / "r", PLAN, False)
        for turn in range(200):
            results.add("cold", "easel", turn, {"first": turn})
        size = results.lines.stat().st_size
        store.pack(self.folder / "r")
        packed = self.folder / "r/samples.jsonl.gz"
        self.assertFalse(results.lines.exists())
        self.assertLess(packed.stat().st_size, size / 5)
        self.assertEqual(store.Samples(store.whole_lines(self.folder / "r")).values("cold", "easel", "first"), list(range(200)))
        self.assertTrue(store.holds_run(self.folder / "r"))
        self.assertRaisesRegex(Stop, "packed", Results, self.folder / "r", PLAN, True)

    def test_other_settings_do_not_belong_to_it(self):
        Results(self.folder / "r", PLAN, False)
        self.assertRaisesRegex(Stop, "threads", Results, self.folder / "r", {"settings": {"threads": 2, "model": "m.gguf"}}, True)

    def test_warm_up_does_not_count(self):
        results = Results(self.folder / "r", PLAN, False)
        for turn in (-2, -1, 0, 1):
            results.add("cold", "easel", turn, {"first": turn})
        self.assertEqual(results.values("cold", "easel", "first"), [0, 1])


class Manifests(Folder):
    def write(self, text):
        folder = self.folder / "someone"
        folder.mkdir(exist_ok=True)
        (folder / "manifest.toml").write_text(text)
        root, contestants.ROOT = contestants.ROOT, self.folder
        self.addCleanup(setattr, contestants, "ROOT", root)
        return contestants.Manifest(folder, {"threads": 1, "model": "m", "build": BUILD, "peers": self.folder})

    def test_mistakes_are_named(self):
        self.assertRaisesRegex(contestants.Missing, "no title", self.write, "")
        self.assertRaisesRegex(contestants.Missing, "'colour'", self.write, 'title = "x"\ncolour = 1')
        self.assertRaisesRegex(contestants.Missing, "no start", self.write, 'title = "x"\n[chat]\nready = "a"')
        self.assertRaisesRegex(contestants.Missing, "manifest.toml", self.write, "title =")

    def test_what_is_missing_names_its_command(self):
        self.assertRegex(self.write('title = "x"\nneeds = ["{peers}/bin/none"]').missing(), "make bench-deps")

    def test_one_that_dies_is_told_with_its_signal_and_log(self):
        manifest = self.write('title = "x"\n[page]\nstart = ["sh", "-c", "echo it begins; kill -SEGV $$"]')
        with contestants.Running(manifest, "page") as running:
            with self.assertRaisesRegex(contestants.Missing, "signal 11"):
                running.await_port(20)
            self.assertIsNotNone(running.logged("it begins", 5))

    def test_its_children_end_with_it(self):
        manifest = self.write('title = "x"\n[page]\nstart = ["sh", "-c", "sleep 600 & echo $!; wait"]')
        with contestants.Running(manifest, "page") as running:
            self.assertIsNotNone(running.logged(r"^\d+$", 20))
            pid = int(running.log())
            self.assertGreater(running.memory()["rss"], 0)
        for _ in range(500):
            if not pathlib.Path(f"/proc/{pid}").exists() or pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return
            time.sleep(0.02)
        self.fail("a child is still there")

    def test_all_that_are_kept_here_are_right(self):
        names = [m.name for m in contestants.all_of({"threads": 1, "model": "m", "build": BUILD, "peers": self.folder})]
        for name in ("easel", "streamlit", "gradio", "nicegui", "dash", "bare_llama"):
            self.assertIn(name, names)


class Reports(Folder):
    def run_of(self, name, first, floor=(100, 101, 102), pss=30):
        plan = {**PLAN, "began": "2026-01-01T00:00:00", "titles": {"easel": "Easel", "gradio": "Gradio", "bare_llama": "Bare"}, "versions": {"easel": "0.1", "gradio": "6 on x"}, "systems": {},
                "configured": {}, "hardware": {"cpu": "a CPU", "cores": 2, "memory_gb": 16, "kernel": "6", "governor": "?", "load_1min": 0, "commit": "abc"}}
        results = Results(self.folder / name, plan, False)
        for turn, value in enumerate(first):
            results.add("cold", "easel", turn, {"first": value})
        for turn, value in enumerate(floor):
            results.add("cold", "bare_llama", turn, {"first": value})
            results.add("cold", "gradio", turn, {"first": value * 20})
        results.add("memory", "easel", 0, {"pss": pss}, program="chat", sessions=10)
        for who, held in (("easel", 600), ("gradio", 90)):
            results.add("users", who, 0, {"held_16gb": held}, task="echo")
        return self.folder / name

    def test_a_slower_machine_is_no_slower_easel(self):
        kept = self.run_of("kept", (200, 201, 202))
        with contextlib.redirect_stdout(io.StringIO()) as told:
            self.assertEqual(report.against(self.run_of("same", (400, 402, 404), (200, 202, 204)), kept), 0)
            self.assertEqual(report.against(self.run_of("slow", (250, 251, 252)), kept), 1)
            self.assertEqual(report.against(self.run_of("large", (200, 201, 202), pss=40), kept), 1)
        self.assertIn("WORSE cold: launch → first token seen : 1.25 ×", told.getvalue())
        self.assertIn("WORSE memory: with sessions, PSS program chat sessions 10: 1.33 ×", told.getvalue())

    def test_the_cost_is_the_published_formula(self):
        inputs = {"users": 1000, "instance_cost": 0.5, "support_cost": 300, "visits": 1000, "visit_value": 2, "bounce": 0.1}
        rows = {r["contestant"]: r for r in cost.rows(report.Run(self.run_of("r", (200, 201, 202))).results, ["easel", "gradio"], inputs)}
        self.assertEqual((rows["easel"]["instances"], rows["gradio"]["instances"]), (2, 12))
        self.assertAlmostEqual(rows["gradio"]["total"], 12 * 0.5 * 730 + 300)
        self.assertAlmostEqual(rows["easel"]["total"], 2 * 0.5 * 730 + 300 - 1000 * 2 * 0.1 * (2.02 - 0.201))

    def test_readme_gets_its_table_between_the_marks(self):
        readme = self.folder / "README.md"
        readme.write_text("before\n<!-- compared -->\nold\n<!-- /compared -->\nafter\n")
        report.readme(self.run_of("r", (200, 201, 202)), readme)
        text = readme.read_text()
        self.assertIn("| process start to the first token seen in Chromium | 201 ms | 2,020 ms |", text)
        self.assertTrue(text.startswith("before\n<!-- compared -->\n") and text.endswith("<!-- /compared -->\nafter\n") and "old" not in text)
        readme.write_text("nothing")
        self.assertRaisesRegex(SystemExit, "no marks", report.readme, self.folder / "r", readme)

    def test_a_run_that_went_on_with_another_commit_says_what_is_of_it(self):
        folder = self.run_of("r", (200, 201, 202))
        plan = json.loads((folder / "run.json").read_text())
        Results(folder, plan, True)
        self.assertNotIn("resumed", json.loads((folder / "run.json").read_text()))
        later = {**plan, "hardware": {**plan["hardware"], "commit": "def"}}
        for turn in (1, 2):
            Results(folder, later, True).add("users", "gradio", turn, {"held_16gb": 80}, task="echo")
        self.assertEqual([r["commit"] for r in json.loads((folder / "run.json").read_text())["resumed"]], ["def"])
        report.write(folder)
        self.assertIn("UTC with commit def: *Users at once* has samples taken since, of Gradio.", (folder / "report.md").read_text())

    def test_the_inputs_of_the_cost_are_flags(self):
        folder = self.run_of("r", (200, 201, 202))
        got = bench("--report", str(folder), "--instance-cost", "7")
        self.assertEqual(got.returncode, 0, got.stderr)
        self.assertIn("what an instance with 16 GB costs 7 $ an hour (`--instance-cost`)", (folder / "report.md").read_text())
        self.assertIn("no folder of a run", bench("--report", str(self.folder / "none")).stderr)


class Whole(Folder):
    def test_a_smoke_run_and_its_report(self):
        got = bench("--smoke", "--only", "cold,warm,users", "--contestants", "easel,bare_llama", "--results", str(self.folder / "r"))
        self.assertEqual(got.returncode, 0, got.stdout + got.stderr)
        summary = json.loads((self.folder / "r/summary.json").read_text())
        self.assertGreater(summary["easel"]["median_latency"], 0)
        self.assertEqual(summary["failures"], [], got.stdout)
        waits = [e for e in summary["measures"]["users"] if e["value"] == "latency"]
        self.assertEqual({(e["task"], e["users"]) for e in waits}, {("echo", 10), ("ask", 2)})
        self.assertEqual([e["median_latency"] for e in summary["measures"]["users"] if e["value"] == "errors"], [0, 0])
        page = (self.folder / "r/report.html").read_text()
        self.assertIn("launch → first token seen", page)
        self.assertNotIn("http://", page.replace("http://www.w3.org", ""))
        self.assertTrue((self.folder / "r/cold-ecdf.svg").read_text().startswith("<?xml"))
        self.assertIn("cold,easel,0,,first,", (self.folder / "r/samples.csv").read_text())
        again = bench("--smoke", "--only", "cold", "--results", str(self.folder / "r"))
        self.assertIn("--resume", again.stderr)
        went_on = bench("--smoke", "--only", "cold", "--contestants", "easel,bare_llama", "--results", str(self.folder / "r"), "--resume")
        self.assertIn("0 samples", went_on.stdout, went_on.stderr)

    def test_an_interrupt_keeps_what_was_measured(self):
        words = [sys.executable, str(HERE), "--build", str(BUILD), "--only", "cold", "--contestants", "bare_llama", "--warmups", "0", "--runs", "500", "--results", str(self.folder / "r")]
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        for line in child.stdout:
            if "[2]" in line:
                child.send_signal(signal.SIGINT)
                break
        rest = child.stdout.read()
        child.wait(60)
        child.stdout.close()
        self.assertIn("--resume", rest)
        kept = len(report.Run(self.folder / "r").results.samples)
        self.assertGreaterEqual(kept, 3)
        went_on = bench("--only", "cold", "--contestants", "bare_llama", "--warmups", "0", "--runs", str(kept + 1), "--results", str(self.folder / "r"), "--resume")
        self.assertIn("1 samples", went_on.stdout, went_on.stderr)

    def test_what_does_not_exist_is_refused(self):
        self.assertIn("no measure 'warmth'", bench("--only", "warmth").stderr)
        self.assertIn("no contestant 'tk'", bench("--contestants", "tk", "--results", str(self.folder / "r")).stderr)
        self.assertIn("make model", bench("--model", "/nowhere.gguf").stderr)


if __name__ == "__main__":
    unittest.main()
