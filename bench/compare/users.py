# users.py: many who use a program at once, each over the system's own protocol.
# SPDX-License-Identifier: Apache-2.0

import json
import pathlib
import subprocess
import sys
import time

import stats
from contestants import Missing, Running
from people import PEOPLE

NAME = "users"
TITLE = "Users at once"
METHOD = ("Every user has a session of his own, speaks the system's own protocol (`bench/compare/people.py`: a WebSocket with JSON, one with protobuf, a queue with an event stream), and is driven by Locust. "
          "*echo*: he enters a word, waits until it is said back, and goes on after 0 to 0.5 s. *ask*: he asks the model and reads the answer to its end. "
          "The largest number of users is searched by doubling and halving; it holds when 99 of 100 waits end within 2 s and nothing failed. For *ask* a wait ends with the first words.")
VALUES = {
    "latency": ("wait", "ms", "from an input to its whole answer"),
    "first": ("first words", "ms", "from a question to the first words of its answer"),
    "throughput": ("throughput", "per s", "answers of all users together in a second"),
    "chars": ("text", "characters/s", "characters of all answers together in a second, of those that ended"),
    "errors": ("failures", "", "users who got no answer"),
    "fairness": ("fairness", "×", "mean wait of the user who waited most, as a multiple of that of the one who waited least"),
    "held": ("users held", "", "the largest number of users for whom 99 of 100 waits end within 2 s"),
    "held_16gb": ("users held by 16 GB", "", "the users held, or what 16 GB of memory hold if that is less"),
}
ABOUT, MORE_IS_BETTER, TRIMMED = ("task", "users"), ("throughput", "chars", "held", "held_16gb"), False
LINES = (("users-echo", "latency", "users", "How long an input waits when many send one"),)
LIMIT_MS, MOST = 2000, {"echo": 2000, "ask": 64}
GB16 = 16_000


def crowd(contestant, port, task, users, seconds):
    words = [sys.executable, str(pathlib.Path(__file__).with_name("crowd.py")), "--contestant", contestant, "--port", str(port), "--task", task, "--users", str(users), "--seconds", str(seconds)]
    got = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 300, check=False)
    if got.returncode or not got.stdout.strip():
        raise Missing(f"{users} users: {got.stderr.strip()[-300:]}")
    return json.loads(got.stdout.splitlines()[-1])


def waited(pairs):
    """Mean wait of each user."""
    people = {}
    for number, took in pairs:
        people.setdefault(number, []).append(took)
    return [sum(t) / len(t) for t in people.values()]


def at(bench, manifest, task, users):
    """(values, memory) of so many users on a process of their own."""
    with Running(manifest, "chat" if task == "ask" else "echo") as running:
        running.await_port()
        time.sleep(1)
        try:
            got = crowd(manifest.name, running.port, task, users, 5 if bench.quick else 30 if task == "ask" else 20)
        finally:
            bench.log = running.log()
        if not running.alive():
            raise running.failure(f"{users} users at once ({task})")
        memory = running.memory()["pss"]
    if not got["latency"]:
        raise Missing(f"{users} users: nobody got an answer: {'; '.join(sorted(set(got['errors']))[:3])}")
    latencies = [took for _, took in got["latency"]]
    for error in sorted(set(got["errors"])):
        print(f"    {manifest.title}, {users} users ({task}): {error}", flush=True)
    values = {"latency": latencies, "throughput": len(latencies) / got["seconds"], "errors": len(got["errors"]), "fairness": stats.fairness(waited(got["latency"])), "memory": memory}
    if got["first"]:
        values["first"] = [took for _, took in got["first"]]
        values["chars"] = got["chars"] / got["seconds"]
    return values


def sample(bench, manifest, _turn, task, users):
    return at(bench, manifest, task, users)


def holds(values):
    return not values["errors"] and stats.quantile(values.get("first") or values["latency"], 0.99) < LIMIT_MS


def search(bench, manifest, _turn, task):
    """Doubles until it does not hold, then halves the interval until it is a tenth."""
    good, bad, memory, users = 0, None, [], 10 if task == "echo" else 2
    while users <= MOST[task]:
        try:
            values = at(bench, manifest, task, users)
        except Missing:
            values = None
        if values and holds(values):
            good = users
            memory.append((users, values["memory"]))
        else:
            bad = users
        if bad is None:
            users *= 2
        elif bad - good > max(1, good // 10):
            users = (good + bad) // 2
        else:
            break
    values = {"held": good, "held_16gb": good}
    if len(memory) > 1 and memory[-1][1] > memory[0][1]:
        each = (memory[-1][1] - memory[0][1]) / (memory[-1][0] - memory[0][0])
        values["held_16gb"] = min(good, (GB16 - memory[0][1]) / each)
    return values


def tasks(bench):
    numbers = {"echo": (10,) if bench.quick else (10, 50, 100), "ask": (2,) if bench.quick else (1, 4, 16)}
    for task, kind in (("echo", "echo"), ("ask", "chat")):
        for users in numbers[task]:
            for manifest in bench.contestants:
                if manifest.name in PEOPLE and kind in manifest.programs:
                    yield manifest, 0, sample, {"task": task, "users": users}
        for manifest in [] if bench.quick else bench.contestants:
            if manifest.name in PEOPLE and kind in manifest.programs:
                yield manifest, 0, search, {"task": task}
