# rerun.py: from a click to the changed page, with few and many elements, alone and among others.
# SPDX-License-Identifier: Apache-2.0

import pathlib
import subprocess
import sys
import time

from cold import SECONDS, options
from contestants import Running
from people import PEOPLE

NAME = "rerun"
TITLE = "Rerun"
METHOD = ("A page of so many elements: a button, a line that counts, and between them Markdown, inputs, checkboxes and metrics in turn. The time is from `click()` inside the page to the change that the click makes, "
          "in Chromium. The other users press the same button over the system's own protocol, each 0 to 0.5 s after the last answer. *Resource*: the page needs the checksum of the model's file, "
          "which is computed at each run, or once and cached (`ez_resource`, `st.cache_resource`, `functools.cache`).")
VALUES = {"click": ("click → changed page", "ms", "from the click to the change of the page, in the page's own clock")}
ABOUT = ("elements", "users", "resource")
LINES = (("rerun-users", "click", "users", "How long a click takes among others"),)


def sample(bench, manifest, turn, elements, users, resource=""):
    program = manifest.programs["page"]
    with Running(manifest, "page", ELEMENTS=str(elements), RESOURCE={"cached": "cached", "not cached": "plain"}.get(resource, "")) as running:
        bench.browser.ask("prepare", **options(program))
        bench.browser.ask("cold", url=running.url, port=running.port, seconds=SECONDS)
        time.sleep(0.5)
        times = 5 if bench.quick else 40
        bench.browser.ask("click", times=3)
        others = None
        if users > 1:
            crowd = pathlib.Path(__file__).with_name("crowd.py")
            others = subprocess.Popen([sys.executable, str(crowd), "--contestant", manifest.name, "--port", str(running.port), "--task", "click", "--users", str(users - 1), "--seconds", "600"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(6)
        try:
            return {"click": bench.browser.ask("click", times=times)["times"]}
        finally:
            bench.log = running.log()
            if others:
                others.kill()
                others.wait()


def tasks(bench):
    kinds = [{"elements": e, "users": 1} for e in (1, 10, 50)] + [{"elements": 10, "users": u} for u in (10,) + (() if bench.quick else (50, 100))]
    kinds += [{"elements": 1, "users": 1, "resource": r} for r in ("cached", "not cached")]
    if bench.quick:
        kinds = [{"elements": 50, "users": 1}, {"elements": 10, "users": 10}]
    for turn in range(max(1, bench.runs // 25)):
        for about in kinds:
            for manifest in bench.contestants:
                if "button" in manifest.programs.get("page", {}) and (about["users"] == 1 or manifest.name in PEOPLE) and (not about.get("resource") or manifest.name in PEOPLE):
                    yield manifest, turn, sample, about
