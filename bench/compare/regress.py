# regress.py: this run beside one that was kept: did Easel become slower or larger?
# SPDX-License-Identifier: Apache-2.0
#
# Machines differ from day to day, so a time is never compared with a time: each is first divided by that of the bare contestant in the same run, and the
# two quotients are compared. What no bare contestant does (bytes, files, memory) does not depend on how busy a machine is, and is compared as it is.

import random
import statistics

import stats

BARE = {"cold": "bare_llama", "warm": "bare_static", "users": "bare_echo"}
STEADY = {("warm", "bytes"), ("warm", "requests"), ("size", "installed"), ("size", "files"), ("size", "packages"), ("memory", "idle_pss"), ("memory", "pss"), ("memory", "each"),
          ("memory", "after_pss")}
LIMIT = 1.15             # times what it was, and the interval of the change does not reach down to 1
RESAMPLES = 2000


def quotient(row, rows):
    """(samples of ours, samples of the floor or None); None when the row cannot be compared."""
    if (row["measure"], row["value"]) in STEADY:
        return row["samples"], None
    key = {k: v for k, v in row.items() if k not in ("contestant", "samples")}
    for other in rows:
        if other["contestant"] == BARE.get(row["measure"]) and {k: v for k, v in other.items() if k not in ("contestant", "samples")} == key:
            return row["samples"], other["samples"]
    return None


def median(pair):
    ours, floor = pair
    return statistics.median(ours) / (statistics.median(floor) if floor else 1)


def change(now, then):
    """(how many times what it was, the 95 % interval of that) by resampling all four lists."""
    rng = random.Random(1)

    def once(pair):
        return median([stats.resampled(samples, rng) if samples else None for samples in pair])

    before = median(then)
    if not before:
        return None
    drawn = [a / b for _ in range(RESAMPLES) if (b := once(then)) for a in (once(now),)]
    return median(now) / before, stats.interval(drawn)


def compare(now, then, ours, more_is_better):
    """[(row, change, interval, worse)] for each of our rows that both runs have. `now` and `then` are rows as report.rows_of gives them."""
    out = []
    for row in now:
        if row["contestant"] != ours:
            continue
        key = {k: v for k, v in row.items() if k != "samples"}
        before = next((r for r in then if {k: v for k, v in r.items() if k != "samples"} == key), None)
        pairs = before and (quotient(row, now), quotient(before, then))
        if not pairs or not all(pairs):
            continue
        changed = change(*pairs)
        if not changed:
            continue
        times, (low, high) = changed
        worse = (times < 1 / LIMIT and high < 1) if row["value"] in more_is_better(row["measure"]) else (times > LIMIT and low > 1)
        out.append((row, times, (low, high), worse))
    return out
