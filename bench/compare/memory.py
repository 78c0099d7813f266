# memory.py: what a program takes when nobody is there, with many sessions, and after they have left; and its CPU.
# SPDX-License-Identifier: Apache-2.0

import time

from contestants import Running
from people import PEOPLE

NAME = "memory"
TITLE = "Memory and CPU"
METHOD = ("The page of 10 elements; the chat with its model loaded; or a conversation of 10,000 tokens (40 messages of 1,000 characters) that each session holds and shows, without a model. Sessions are users who "
          "have loaded the page, hold their connection, and have clicked once where there is a button. RSS and PSS are sums over all processes of "
          "the program, by psutil; PSS counts a page that processes share once, and that of a file which other programs on the machine have in memory, too, in parts, so it depends on them; RSS does not.")
VALUES = {
    "idle_rss": ("at start, RSS", "MB", "after one session has come and gone"),
    "idle_pss": ("at start, PSS", "MB", "the same, shared pages counted once"),
    "pss": ("with sessions, PSS", "MB", "while they are there, after 20 s in which nothing happens"),
    "rss": ("with sessions, RSS", "MB", "the same, by RSS"),
    "each": ("a session more", "kB", "the growth of PSS from the tenth session to the last, for each"),
    "after_pss": ("60 s after all have left, PSS", "MB", "with nobody there"),
    "idle_cpu": ("CPU of an idle session", "µs/s", "of all processes, over 20 s in which nothing happens"),
    "rerun_cpu": ("CPU of a rerun", "µs", "of all processes, for each click"),
}
ABOUT, TRIMMED = ("program", "sessions"), False
LINES = (("memory-sessions", "pss", "sessions", "Memory of a program with so many sessions"),)
PROGRAMS = ("page", "chat", "history")
REST_S = 5               # between two looks for pings
SESSIONS = (10, 50, 100)   # with ten a program has what it needs only once, as Easel's engine its contexts; growth is counted from there


def come(manifest, running, kind, count):
    people = []
    for _ in range(count):
        person = PEOPLE[manifest.name](running.port)
        person.open()
        if kind == "page":
            person.click()
        elif kind == "history":
            person.look()
        people.append(person)
    return people


def rest(people, seconds):
    """Time in which nothing happens but what keeps connections open."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(min(REST_S, max(0, end - time.monotonic())))
        for person in people:
            person.rest()


def leave(people):
    for person in people:
        person.close()


def sample(bench, manifest, _turn, program):
    """One process for all numbers of sessions, each beside those that are there."""
    seconds = 4 if bench.quick else 20
    with Running(manifest, program, ELEMENTS="10", MESSAGES="40") as running:
        running.await_port()
        time.sleep(1)
        first = come(manifest, running, program, 1)
        if program == "chat":
            first[0].ask("Say hello.")
        leave(first)
        time.sleep(1 if bench.quick else 3)
        idle, people, out = running.memory(), [], []
        for sessions in SESSIONS[:2] if bench.quick else SESSIONS:
            people += come(manifest, running, program, sessions - len(people))
            rest(people, 1)
            before = running.cpu()
            rest(people, seconds)
            used, held = running.cpu() - before, running.memory()
            out.append(({"sessions": sessions}, {"pss": held["pss"], "rss": held["rss"], "idle_cpu": used / seconds / sessions * 1e6}))
        (few, at_few), (many, at_many) = [(about["sessions"], values) for about, values in (out[0], out[-1])]
        whole = {"idle_rss": idle["rss"], "idle_pss": idle["pss"], "each": max(0, at_many["pss"] - at_few["pss"]) / (many - few) * 1000}
        if program == "page":
            before, clicks = running.cpu(), 0
            for person in people[:20]:
                for _ in range(5):
                    person.click()
                    clicks += 1
            whole["rerun_cpu"] = (running.cpu() - before) / clicks * 1e6
        leave(people)
        time.sleep(3 if bench.quick else 60)
        whole["after_pss"] = running.memory()["pss"]
        bench.log = running.log()
        return [*out, ({}, whole)]


def tasks(bench):
    for program in PROGRAMS:
        for manifest in bench.contestants:
            if manifest.name in PEOPLE and program in manifest.programs:
                yield manifest, 0, sample, {"program": program}
