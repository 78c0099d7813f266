# warm.py: a program that is running: how soon and with how many bytes its page comes, and how soon it answers.
# SPDX-License-Identifier: Apache-2.0

from cold import QUESTION, SECONDS, options
from contestants import Running

NAME = "warm"
TITLE = "Warm"
METHOD = ("The program is running and has been used once. Each load has a new browser context, so its cache is empty. Bytes are as Chromium counts them: responses with their headers, and frames of sockets, until "
          "1.5 s after the page can be used. Questions are asked on one page, one after the other.")
VALUES = {
    "load": ("load → usable", "ms", "from the start of the navigation until `load` has fired and the input has been painted"),
    "bytes": ("bytes", "kB", "everything that came over the wire"),
    "requests": ("requests", "", "requests of the page, sockets included"),
    "first": ("question → first token seen", "ms", "from Enter to the paint of the first words"),
}
PLACES = {"chat": "chat page", "page": "page of 50 elements"}
ABOUT = ("page",)


def sample(bench, manifest, turn, page):
    kind = next(k for k, v in PLACES.items() if v == page)
    program = manifest.programs[kind]
    seen = options(program)
    with Running(manifest, kind, ELEMENTS="50") as running:
        bench.browser.ask("prepare", **seen)
        bench.browser.ask("cold", url=running.url, port=running.port, seconds=SECONDS)
        values = {"load": [], "bytes": [], "requests": []}
        for _ in range(1 if bench.quick else 5):
            got = bench.browser.ask("bytes", url=running.url, seconds=SECONDS, **seen)
            values["load"].append(got["usable"])
            values["bytes"].append(got["bytes"] / 1000)
            values["requests"].append(got["requests"])
        if kind == "chat":
            bench.browser.ask("again", question=QUESTION, seconds=SECONDS)       # the first one may still load the model
            running.logged(running.ended, SECONDS)
            values["first"] = []
            for i in range(2 if bench.quick else 6):
                before = running.log().count(running.ended)
                values["first"].append(bench.browser.ask("again", question=f"{QUESTION} This is question {i + 2}.", seconds=SECONDS)["first"])
                running.await_log(running.ended, before + 1, SECONDS)
        bench.log = running.log()
        return values


def tasks(bench):
    for turn in range(max(1, bench.runs // 10)):
        for kind, page in PLACES.items():
            for manifest in bench.contestants:
                if kind in manifest.programs:
                    yield manifest, turn, sample, {"page": page}
