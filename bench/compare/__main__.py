#!/usr/bin/env python3
# bench/compare: runs Easel and its peers side by side, keeps every sample, and reports.
# SPDX-License-Identifier: Apache-2.0
#
#   easel bench                        everything: hours; nothing else should run on the machine
#   easel bench --quick                each measure once, under five minutes
#   easel bench --smoke                Easel and the bare programs, one sample each, under a minute
#   easel bench --only cold --contestants easel,gradio --runs 20
#   easel bench --results results/2026-11-21 --resume
#   easel bench --report results/2026-11-21     only the report, from samples that are there
#   easel bench --against results/2026-11-21    did Easel become slower or larger since? 1 when it did
#   easel bench --readme results/2026-11-21     the table in README
#   easel bench --pack results/2026-11-21       compresses the samples of a run that is to be kept

import argparse
import datetime
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import cost
import report
import store

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS, TOOLS = ROOT / ".cache/peers", ROOT / ".cache/venv"

FAILURES = 3             # in a row, after which a contestant is left alone for a measure
REPORT_SECONDS = 60      # how often the report is written anew while the run goes on


def interpreter():
    """The Python that has what is imported below: the peers' where they are installed, else the tests'."""
    for venv in (PEERS, TOOLS):
        if (venv / "bin/python").exists() and not subprocess.run([venv / "bin/python", "-c", "import psutil, locust"], capture_output=True, check=False).returncode:
            return venv
    sys.exit("easel bench: its Python packages are not installed; get them with: make bench-deps")


def parse():
    parser = argparse.ArgumentParser(prog="easel bench", description="Compares Easel with Streamlit, Gradio and bare programs, and reports.")
    parser.add_argument("--quick", action="store_true", help="everything once, under five minutes")
    parser.add_argument("--smoke", action="store_true", help="Easel and the bare programs, one sample each, under a minute")
    parser.add_argument("--runs", type=int, help="samples of each measure; 100 unless told")
    parser.add_argument("--warmups", type=int, help="runs before them that do not count; 10 unless told")
    parser.add_argument("--only", default="", help="measures, with commas between: " + ", ".join(report.MEASURES))
    parser.add_argument("--contestants", default="", help="their names, with commas between; the folders of bench/contestants")
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="threads that compute a model's answer, alike for all")
    parser.add_argument("--model", default=str(ROOT / ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"), help="the GGUF that all contestants load")
    parser.add_argument("--build", default=os.environ.get("EASEL_BUILD", str(ROOT / "build")), help="the folder with Easel's programs")
    parser.add_argument("--results", default="", help="the folder for samples and report; results/<date> unless told")
    parser.add_argument("--resume", action="store_true", help="goes on with a run that was interrupted")
    parser.add_argument("--report", default="", metavar="FOLDER", help="only writes the report of this run anew")
    parser.add_argument("--against", default="", metavar="FOLDER", help="after the run, or of the run in --results that is there: compares with this run that was kept, and ends with 1 when Easel is worse")
    parser.add_argument("--readme", default="", metavar="FOLDER", help="only writes README's table from this run")
    parser.add_argument("--pack", default="", metavar="FOLDER", help="only compresses the samples of this run, so that it can be kept; all that reads a run reads it still")
    for name, (default, unit, what) in cost.INPUTS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, help=f"for the total cost: {what}{', ' + unit if unit else ''}; {default:,g} unless told")
    return parser.parse_args()


class Bench:
    """One run: what is compared, how often, and where samples go. `log` is what the last contestant printed, for a failure's note."""

    def __init__(self, options, results, contestants):
        self.options, self.results, self.contestants = options, results, contestants
        self.runs, self.warmups, self.quick = options.runs, options.warmups, options.quick or options.smoke
        self.log, self._browser, self.done = "", None, 0
        self.began, self.took = time.time(), {}

    @property
    def browser(self):
        from browser import Browser
        self._browser = self._browser or Browser(HERE / "chromium.mjs")
        return self._browser

    def restart_browser(self):
        if self._browser:
            self._browser.child.kill()
            self._browser = None

    def close(self):
        if self._browser:
            self._browser.close()

    def sample(self, measure, manifest, turn, function, **about):
        """Takes one sample unless it is there already; a function may give several at once, as [(about, values)]. A contestant that fails is noted with its log, and the others go on."""
        from contestants import Missing
        from wire import Broken
        if self.results.has(measure, manifest.name, turn, **about) or self.results.failures_in_a_row(measure, manifest.name) >= FAILURES:
            return
        self.log, began = "", time.monotonic()
        try:
            got = function(self, manifest, turn, **about)
        except Exception as error:                           # whatever it is, the others go on: a run takes hours
            why = str(error) if isinstance(error, (Missing, Broken)) else f"{type(error).__name__}: {error}"
            self.results.failed(measure, manifest.name, turn, why, self.log)
            print(f"  {measure} {manifest.title}: failed: {why}", flush=True)
            if "browser has ended" in str(error):
                self.restart_browser()
            return
        self.took.setdefault((measure, manifest.name), []).append(time.monotonic() - began)
        for more, values in got if isinstance(got, list) else [({}, got)]:
            self.results.add(measure, manifest.name, turn, values, **about, **more)
            self.done += 1
            told = ", ".join(f"{k} {v:,.1f}" for k, v in values.items() if isinstance(v, (int, float)))
            print(f"  {measure} {manifest.title} {' '.join(f'{k} {v}' for k, v in {**about, **more}.items())} [{turn}]: {told}", flush=True)

    def left(self, tasks):
        """Seconds that the tasks which are left will take, by what alike ones took; None while nothing is known."""
        known = [s for took in self.took.values() for s in took]
        if not known:
            return None
        alike = {}
        for measure, manifest, _, _, _ in tasks:
            took = self.took.get((measure, manifest.name)) or [s for (m, _), all_of_it in self.took.items() if m == measure for s in all_of_it] or known
            alike[measure, manifest.name] = sum(took) / len(took)
        return sum(alike[measure, manifest.name] for measure, manifest, _, _, _ in tasks)

    def progress(self, tasks, at):
        """progress.json, which examples/bench_report shows while the run goes on."""
        now = {"done": at, "tasks": len(tasks), "measure": tasks[at][0] if at < len(tasks) else "", "contestant": tasks[at][1].title if at < len(tasks) else "",
               "seconds": time.time() - self.began, "left": self.left(tasks[at:]), "failures": len(self.results.failures)}
        part = self.results.folder / "progress.json.part"
        part.write_text(json.dumps(now) + "\n")
        part.replace(self.results.folder / "progress.json")


def browser_version():
    """Chromium's, asked of the one that measures."""
    from browser import Browser
    one = Browser(HERE / "chromium.mjs")
    one.close()
    return one.version


def plan_of(options, contestants):
    return {"settings": {"threads": options.threads, "model": pathlib.Path(options.model).name},
            "hardware": report.hardware(), "browser": browser_version(), "versions": {c.name: c.version() for c in contestants}, "titles": {c.name: c.title for c in contestants},
            "systems": {c.name: c.system for c in contestants}, "configured": {c.name: c.configured for c in contestants}, "options": {k: v for k, v in vars(options).items() if k not in ("model", "build")}}


def settings_of(options):
    build = pathlib.Path(options.build).resolve()
    return {"build": build, "peers": PEERS, "threads": options.threads, "model": pathlib.Path(options.model).resolve()}


def chosen(options):
    """(contestants that can start, {name: why} for those that cannot)."""
    from contestants import Missing, all_of
    found, lacking = [], {}
    os.environ["EASEL_BUILD"] = str(pathlib.Path(options.build).resolve())
    from rows_chat import bare_program
    try:
        bare_program()
    except Missing as error:
        print(f"  the bare program: {error}", flush=True)
    wanted = [n for n in options.contestants.split(",") if n]
    known = all_of(settings_of(options))
    for name in wanted:
        if name not in [c.name for c in known]:
            sys.exit(f"easel bench: there is no contestant {name!r}; there are {', '.join(c.name for c in known)}")
    for contestant in known:
        if wanted and contestant.name not in wanted or options.smoke and not wanted and contestant.system not in ("easel", "bare"):
            continue
        why = contestant.missing()
        if why:
            lacking[contestant.name] = why
        else:
            found.append(contestant)
    if not found:
        raise Missing("no contestant can start: " + "; ".join(lacking.values()))
    return found, lacking


def run(options):
    from contestants import Missing
    measures = [m for m in options.only.split(",") if m] or list(report.MEASURES)
    for measure in measures:
        if measure not in report.MEASURES:
            sys.exit(f"easel bench: there is no measure {measure!r}; there are {', '.join(report.MEASURES)}")
    options.runs = options.runs or (1 if options.quick or options.smoke else 100)
    options.warmups = options.warmups if options.warmups is not None else 0 if options.quick or options.smoke else 10
    if not pathlib.Path(options.model).exists():
        sys.exit(f"easel bench: there is no model {options.model}; get it with: make model")
    folder = pathlib.Path(options.results or ROOT / f"results/{datetime.date.today().isoformat()}")
    try:
        contestants, lacking = chosen(options)
        results = store.Results(folder, plan_of(options, contestants), options.resume)
    except (Missing, store.Stop) as error:
        sys.exit(f"easel bench: {error}")
    for name, why in lacking.items():
        print(f"  {name} is left out: {why}", flush=True)
    bench, reported = Bench(options, results, contestants), time.monotonic()
    for stop in (signal.SIGINT, signal.SIGTERM):         # also when whoever started this ignores them
        signal.signal(stop, signal.default_int_handler)
    try:
        tasks = [(measure, *task) for measure in measures for task in importlib.import_module(measure).tasks(bench)]
        for at, (measure, manifest, turn, function, about) in enumerate(tasks):
            if not at or tasks[at - 1][0] != measure:
                print(f"\n{importlib.import_module(measure).TITLE}", flush=True)
            bench.progress(tasks, at)
            bench.sample(measure, manifest, turn, function, **about)
            if time.monotonic() - reported > REPORT_SECONDS:
                report.write(folder)
                reported = time.monotonic()
        bench.progress(tasks, len(tasks))
    except KeyboardInterrupt:
        print(f"\ninterrupted; go on with: easel bench --results {folder} --resume", flush=True)
        return 130
    finally:
        bench.close()
        report.write(folder)
    print(f"\n{folder}/report.md, report.html, summary.json; {bench.done} samples, {len(results.failures)} failures", flush=True)
    return report.against(folder, options.against) if options.against else 0


def main():
    venv = interpreter()
    if pathlib.Path(sys.prefix).resolve() != venv.resolve():
        os.execv(venv / "bin/python", [str(venv / "bin/python"), str(HERE), *sys.argv[1:]])
    options = parse()
    inputs = {name: getattr(options, name) for name in cost.INPUTS}
    try:
        if options.report:
            return report.write(options.report, inputs)
        if options.readme:
            return report.readme(options.readme)
        if options.pack:
            return store.pack(pathlib.Path(options.pack))
        if options.against and options.results and store.holds_run(options.results) and not options.resume:
            return report.against(options.results, options.against)
    except FileNotFoundError as error:
        sys.exit(f"easel bench: {error.filename} is not there: that is no folder of a run")
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
