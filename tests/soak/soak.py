#!/usr/bin/env python3
# soak.py: visitors come, work and leave without end, and nothing may grow: memory, descriptors, threads, sessions.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tests/soak/soak.py                          30 seconds, as `make test` runs it
#   python3 tests/soak/soak.py --seconds 3600 --svg FILE --table FILE     `make soak`
#
# Lines are "ok NAME" and "not ok NAME: why". Two numbers are watched, both of all processes together: RSS, which is what people see and
# holds touched code of shared libraries, and private dirty memory, which is what nobody else could use. They start when a visitor has been
# served, has left and was there again, so that code, libraries and store are there.

import argparse
import asyncio
import collections
import json
import pathlib
import random
import re
import sys
import time
import urllib.request

from people import Broken, Person, Places, stay

from curve import draw
from programs import Program, find

IDLE_S = 60                  # the longest wait for what must come back
GROWTH = 1.10                # of RSS, from the start to the end
SLOPE = 0.05                 # of the mean, over the second half, …
NOISE_KB = 1500              # …and this much, as sessions come and go


class Watch:
    """Samples of a running program."""

    def __init__(self, program):
        self.program, self.samples, self.began = program, [], time.monotonic()

    def now(self):
        out = {"t": time.monotonic() - self.began, "rss": 0, "dirty": 0, "fds": 0, "threads": 0}
        for pid in self.program.pids():
            try:
                rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
                out["rss"] += int(re.search(r"^Rss:\s+(\d+)", rollup, re.M).group(1))
                out["dirty"] += int(re.search(r"^Private_Dirty:\s+(\d+)", rollup, re.M).group(1))
                out["fds"] += len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
                out["threads"] += len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))
            except (OSError, AttributeError):
                pass
        out |= self.ready()
        return out

    def open_files(self):
        """What the descriptors are of, with numbers that differ from one to the next left out."""
        names = collections.Counter()
        for pid in self.program.pids():
            for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
                try:
                    names[re.sub(r"\d+", "N", str(fd.readlink()))] += 1
                except OSError:
                    pass
        return names

    def ready(self):
        with urllib.request.urlopen(self.program.url + "readyz", timeout=30) as answer:
            facts = json.load(answer)
        return {k: facts[k] for k in ("sessions", "views", "waiting")}

    async def sample(self):
        self.samples.append(await asyncio.to_thread(self.now))

    async def until(self, test):
        """Waits for a condition; gives the last sample either way."""
        end = time.monotonic() + IDLE_S
        while True:
            await self.sample()
            if test(self.samples[-1]) or time.monotonic() > end:
                return self.samples[-1]
            await asyncio.sleep(1)


def slope(samples, what):
    """Growth over these samples, by least squares, in the unit of what is sampled."""
    n, ts, xs = len(samples), [s["t"] for s in samples], [s[what] for s in samples]
    mean_t, mean_x = sum(ts) / n, sum(xs) / n
    spread = sum((t - mean_t) ** 2 for t in ts)
    per_second = sum((t - mean_t) * (x - mean_x) for t, x in zip(ts, xs)) / spread if spread else 0
    return per_second * (ts[-1] - ts[0]), mean_x


class Visits:
    def __init__(self, port, places, o):
        self.port, self.places, self.o, self.count, self.errors = port, places, o, 0, []

    async def one(self, i):
        try:
            await stay(self.port, self.places, random.Random(self.o.seed * 1000003 + i), pause=0.5)
        except (Broken, OSError, asyncio.TimeoutError) as error:
            self.errors.append(f"visitor {i} of seed {self.o.seed}: {type(error).__name__}: {error}")

    async def come(self, seconds):
        """`rate` of them a second, but never more than 300 at a time, however slow the machine is."""
        began, under_way = time.monotonic(), set()
        while (passed := time.monotonic() - began) < seconds and len(self.errors) < 10:
            while self.count < passed * self.o.rate and len(under_way) < 300:
                under_way.add(task := asyncio.create_task(self.one(self.count)))
                task.add_done_callback(under_way.discard)
                self.count += 1
            await asyncio.sleep(0.05)
        if under_way:
            await asyncio.wait(under_way)


async def sampling(watch):
    while True:
        await watch.sample()
        await asyncio.sleep(1)


async def begin(program, seed):
    """(the watch, the places of the page, the first sample): two visitors have been there, one of them again when his session had left memory, so code, libraries and
    both of the store's connections are."""
    watch = Watch(program)
    first = await Person(program.port).open()
    for _ in range(100):                         # on a busy machine the first page is printed before its run has ended
        try:
            places = Places(first)
            break
        except Broken:
            await asyncio.sleep(0.2)
            await first.reload()
    else:
        raise Broken("the page of visitors never has what they use")
    await first.do((places.count, "click", None))
    await first.leave()
    await watch.until(lambda s: not s["sessions"])
    await first.reload()
    await first.leave()
    await stay(program.port, places, random.Random(seed))
    await asyncio.sleep(2)
    watch.files = watch.open_files()
    return watch, places, watch.now()


async def soak(program, o):
    """(samples at the start and the end, of the time between, the visits)."""
    watch, places, start = await begin(program, o.seed)
    visits = Visits(program.port, places, o)
    sampler = asyncio.create_task(sampling(watch))
    await visits.come(o.seconds)
    sampler.cancel()
    busy = list(watch.samples)
    end = await watch.until(lambda s: not s["sessions"] and not s["views"] and s["rss"] <= start["rss"] * GROWTH and s["fds"] <= start["fds"] and s["threads"] <= start["threads"])
    end["more"] = dict(watch.open_files() - watch.files)
    return start, busy, end, visits, watch.samples


def judge(start, busy, end, visits, log):
    """[(name, why it failed or None)]"""
    second = busy[len(busy) // 2:]
    out = [("every visitor found his page in order", "; ".join(visits.errors[:3]) or None),
           ("visitors came", None if visits.count >= 20 and len(second) >= 5 else f"{visits.count} visitors, {len(second)} samples")]
    for what, name in (("rss", "RSS"), ("dirty", "private dirty memory")):
        grown, mean = slope(second, what) if len(second) > 1 else (0, 0)
        bound = mean * SLOPE + NOISE_KB
        out.append((f"{name} does not grow while they come", None if grown <= bound else f"{grown:.0f} kB over the second half, allowed {bound:.0f} of {mean:.0f}"))
    bound = start["rss"] * GROWTH
    out.append(("RSS is back within 10 % of the start", None if end["rss"] <= bound else f"{end['rss']} kB, at the start {start['rss']}"))
    bound = start["dirty"] + start["rss"] * (GROWTH - 1)
    out.append(("private dirty memory is back", None if end["dirty"] <= bound else f"{end['dirty']} kB, at the start {start['dirty']}"))
    for what in ("sessions", "views", "waiting", "fds", "threads"):
        allowed = start[what] if what in ("fds", "threads") else 0
        out.append((f"{what} are back", None if end[what] <= allowed else f"{end[what]}, allowed {allowed}{'; more of ' + str(end['more']) if what == 'fds' else ''}"))
    bad = [line for line in log.splitlines() if re.search(r"\b(ERROR|error)\b", line)]
    out.append(("nothing failed in the log", "; ".join(bad[:3]) or None))
    return out


def mb(kb):
    return f"{kb / 1000:.1f}"


def table(start, busy, end, visits, o):
    half = busy[len(busy) // 2:]
    rows = ["| | at the start | mean of the second half | most | after all have left |", "|---|---|---|---|---|"]
    for what, name, show in (("rss", "RSS, MB", mb), ("dirty", "private dirty, MB", mb), ("sessions", "sessions in memory", str), ("views", "views connected", str),
                             ("fds", "file descriptors", str), ("threads", "threads", str)):
        mean = sum(s[what] for s in half) / len(half)
        rows.append(f"| {name} | {show(start[what])} | {show(mean) if show is mb else f'{mean:.0f}'} | {show(max(s[what] for s in busy))} | {show(end[what])} |")
    minutes = busy[-1]["t"] / 60
    grown = ", ".join(f"{name} {slope(half, what)[0]:+.0f} kB" for what, name in (("rss", "RSS"), ("dirty", "private dirty")))
    return f"{visits.count:,} visitors in {minutes:.1f} minutes, seed {o.seed}. Growth over the second half, by least squares: {grown}.\n\n" + "\n".join(rows) + "\n"


def by_time(samples, rows=12):
    """The curve in figures: the mean of each stretch."""
    step = max(1, -(-len(samples) // rows))
    per, unit = (60, "minute") if samples[-1]["t"] > 180 else (1, "second")
    out = [f"| {unit} | RSS, MB | private dirty, MB | sessions | views | descriptors | threads |", "|---|---|---|---|---|---|---|"]
    for i in range(0, len(samples), step):
        part = samples[i:i + step]
        mean = {what: sum(s[what] for s in part) / len(part) for what in ("rss", "dirty", "sessions", "views", "fds", "threads")}
        out.append(f"| {part[-1]['t'] / per:.0f} | {mb(mean['rss'])} | {mb(mean['dirty'])} | {mean['sessions']:.0f} | {mean['views']:.0f} | {mean['fds']:.0f} | {mean['threads']:.0f} |")
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description="Visitors come and go; nothing may grow.")
    parser.add_argument("--seconds", type=float, default=14)
    parser.add_argument("--rate", type=float, default=60, help="visitors a second")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--svg", default="")
    parser.add_argument("--table", default="")
    o = parser.parse_args()
    o.seed = o.seed or random.randrange(1, 10**6)
    print(f"seed {o.seed}", flush=True)
    # A visitor here who waits for the machine answers no pings, which a browser does.
    with Program(find("tests/programs/visited"), "--ping-interval", "5m") as program:
        start, busy, end, visits, samples = asyncio.run(soak(program, o))
        results = judge(start, busy, end, visits, program.output())
    for name, why in results:
        print(f"not ok {name}: {why}" if why else f"ok {name}", flush=True)
    text = table(start, busy, end, visits, o) + "\n" + by_time(samples)
    print("\n" + text)
    if o.table:
        pathlib.Path(o.table).write_text(text)
    if o.svg:
        pathlib.Path(o.svg).write_text(draw(samples, start))
    return 1 if any(why for _, why in results) else 0


if __name__ == "__main__":
    sys.exit(main())
