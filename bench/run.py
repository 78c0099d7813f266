#!/usr/bin/env python3
# run.py: measures Easel against the floor under it, in one run, and against the budgets of the design.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 bench/run.py                  everything, at least 20 runs a row: about half an hour
#   python3 bench/run.py --quick          5 runs a row, fewer people: while working
#   python3 bench/run.py --only start,click
#   python3 bench/run.py --write          also writes docs/measured.md
#
# Prints a table and writes build/bench/results.json. It needs what `make bench` prepares: the programs in build/, the model,
# node and Chromium. Nothing else should run on the machine meanwhile; the load at the start is noted.

import argparse
import datetime
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import rows_chat
import rows_page
import rows_server
from browser import Browser
from programs import ROOT, commit, machine
from report import Report

# name: (functions, title, method)
GROUPS = {
    "start": ((rows_page.start, rows_page.start_page), "Start",
              "A new process with an empty data folder for each run. Listening and first byte are watched by a C program that starts it and connects again and again "
              "(`bench/startup.c`). Chromium is already running; a page counts as usable when its last element is painted, `load` has fired and the first message "
              "of the socket has been handled, stamped by a script inside the page; the static page of the same bytes counts from the new context to its paint."),
    "load": ((rows_page.load,), "Load", "The program is already running. A new browser context for each load: empty cache, new renderer. The static page is a copy of ours with "
             "the same bytes on the wire, whose scripts are comments, served by `bench/static_server.c`."),
    "bytes": ((rows_page.size,), "Bytes", "As Chromium counts them: all responses with their headers, the WebSocket's handshake and frames, until a second after the page is usable."),
    "click": ((rows_page.click,), "Click", "From `click()` inside the page to the MutationObserver that sees the new text; the floor is a message to `bench/ws_echo.c` and back, written into "
              "a paragraph of a page in the same browser."),
    "rerun": ((rows_server.rerun,), "Rerun", "One visitor asks for a rerun again and again (the page menu's Rerun), each settled before the next; CPU of all threads from the scheduler, "
              "the network and the commit included."),
    "typing": ((rows_server.typing,), "People who type", "Every visitor sends ten inputs, each after 0 to 0.5 s, over the WebSocket, and waits for each answer."),
    "calls": ((rows_server.calls,), "Calls", "A function that says back a word, called by one client over one connection that stays open; what the floor sends has the same bytes, from memory."),
    "memory": ((rows_server.memory,), "Memory", "All processes of the program. Each session is a visitor who has loaded the page and holds a WebSocket open. The floor is `bench/ws_echo.c` with "
               "as many idle sockets."),
    "chat": (rows_chat.ROWS, "Chat", "SmolLM2-135M-Instruct Q4_1. The bare program (`bench/bare/bare_llama.c`) loads the same file, evaluates the same messages and samples alike, without a page."),
    "save": ((rows_page.save,), "Save", "`easel run hello.c` serves the page, and Chromium shows it. From before the file is written to the MutationObserver that sees the new heading; the page "
             "is not loaded again."),
    "crash": ((rows_page.crash,), "Crash", "A page clicks every 20 ms; its worker is killed; the longest time without an effect."),
}


class Bench:
    def __init__(self, options):
        self.quick, self.runs = options.quick, options.runs or (5 if options.quick else 20)
        self.report, self._browser = Report(), None
        self._folder = tempfile.TemporaryDirectory(prefix="easel-bench-")
        self.folder, self._fresh = pathlib.Path(self._folder.name), 0

    def fresh_folder(self):
        self._fresh += 1
        return str(self.folder / f"data-{self._fresh}")

    @property
    def browser(self):
        self._browser = self._browser or Browser()
        return self._browser

    def close(self):
        version = self._browser.version if self._browser else "no browser"
        if self._browser:
            self._browser.close()
        self._folder.cleanup()
        return version


def main():
    parser = argparse.ArgumentParser(description="Measures Easel against its floors and budgets.")
    parser.add_argument("--quick", action="store_true", help="5 runs a row, fewer people")
    parser.add_argument("--runs", type=int, default=0, help="runs a row, in place of 20")
    parser.add_argument("--only", default="", help="groups, separated by commas: " + ", ".join(GROUPS))
    parser.add_argument("--write", action="store_true", help="writes docs/measured.md")
    options = parser.parse_args()
    wanted = [g for g in options.only.split(",") if g] or list(GROUPS)
    for group in wanted:
        if group not in GROUPS:
            parser.error(f"--only {group}: there is no such group; the groups are {', '.join(GROUPS)}")
    bench = Bench(options)
    about = {"date": datetime.date.today().isoformat(), "commit": commit(), "machine": machine(), "runs": bench.runs, "quick": options.quick}
    print(f"{about['machine']['cpu']}, {about['machine']['cores']} cores, load {about['machine']['load_1min']:.2f}; {bench.runs} runs a row", flush=True)
    for group in wanted:
        print(f"\n{GROUPS[group][1]}", flush=True)
        for function in GROUPS[group][0]:
            try:
                function(bench)
            except Exception as error:  # one broken row must not take the others with it
                bench.report.lacks(group, error if str(error) else type(error).__name__)
    about["browser"] = bench.close()
    bench.report.save(ROOT / "build/bench/results.json", about)
    if options.write:
        (ROOT / "docs/measured.md").write_text(bench.report.markdown(about, {name: (title, method) for name, (_, title, method) in GROUPS.items()}))
    rows = [r for r in bench.report.rows if "met" in r]
    missed = [r for r in rows if not r["met"]]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} budgets met" + (f", {len(bench.report.missing)} rows could not be measured" if bench.report.missing else ""))
    for row in missed:
        print(f"  not met: {row['name']}: {bench.report.number(row['value'])} {row['unit']}, budget {row['budget']}")
    return 1 if bench.report.missing else 0


if __name__ == "__main__":
    sys.exit(main())
