# cold.py: from the launch of a process to the first token that a person sees.
# SPDX-License-Identifier: Apache-2.0

import json
import subprocess
import time

from contestants import Missing, Running

NAME = "cold"
TITLE = "Cold start"
METHOD = ("A new process for each run, in a new empty folder; Chromium is running, and a page waits in a new context. As soon as something listens on the port, the page goes there; as soon as "
          "its input can be used, a script in the page types the question; the first token counts when the paint that shows it is over, stamped by that script. All contestants take turns.")
VALUES = {
    "listening": ("launch → listening", "ms", "until a connection to the port is taken"),
    "byte": ("launch → first byte", "ms", "until the first byte of the page has come to Chromium"),
    "usable": ("launch → usable", "ms", "until the input can be used and has been painted"),
    "first": ("launch → first token seen", "ms", "until the first words of the answer have been painted"),
    "log": ("launch → log line at the end of the answer", "ms", "until the log says that the answer has ended (“Generated … chars”, or the system's own line): what the published script measured and called the first token"),
}
QUESTION = "What is a lighthouse? Answer in one sentence."
SECONDS = 60             # that a contestant has for each step


def wanted(manifest):
    return "chat" in manifest.programs or "bare" in manifest.programs


def options(program):
    return {key: program.get(key, "") for key in ("ready", "answer", "button", "shown")}


def sample(bench, manifest, turn):
    if "bare" in manifest.programs:
        return bare(manifest)
    program = manifest.programs["chat"]
    bench.browser.ask("prepare", question=QUESTION, **options(program))
    with Running(manifest, "chat") as running:
        try:
            got = bench.browser.ask("cold", url=running.url, port=running.port, question=QUESTION, seconds=SECONDS)
            began = running.began * 1000
            values = {"listening": got["listening"] - began, "byte": got["byte"] - began, "usable": got["ready"] - began, "first": got["answer"] - began}
            logged = running.logged(running.ended, SECONDS)
            if logged:
                values["log"] = logged * 1000 - began
            return values
        except Missing as error:
            bench.log = running.log()
            raise running.failure(error) from error


def bare(manifest):
    """The bare program prints one line of JSON: ms from its start to its first token."""
    words = [manifest.filled(w) for w in manifest.programs["bare"]["start"]] + ["--prompt", QUESTION, "--start", str(time.monotonic_ns())]
    got = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)
    if got.returncode:
        raise Missing(f"it ended with status {got.returncode}: {got.stderr.strip()[-200:]}")
    return {"first": json.loads(got.stdout)["first_token_ms"]}


def tasks(bench):
    """Warm-up turns have numbers below zero and do not count."""
    for turn in range(-bench.warmups, bench.runs):
        for manifest in bench.contestants:
            if wanted(manifest):
                yield manifest, turn, sample, {}
