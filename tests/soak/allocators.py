#!/usr/bin/env python3
# allocators.py: what another allocator, loaded before the program, makes of 10,000 visitors who come, work and leave.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tests/soak/allocators.py --name glibc
#   python3 tests/soak/allocators.py --name jemalloc --env LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2 --env MALLOC_CONF=background_thread:true
#
# Prints one row: RSS and private dirty memory of all processes at the start, at most, and within a minute after the last one has left.

import argparse
import asyncio

from people import crowd

from programs import Program, find
from soak import begin, mb, sampling


async def measure(program, o):
    watch, places, start = await begin(program, o.seed)
    sampler = asyncio.create_task(sampling(watch))
    await crowd(program.port, places, o.visitors, 60, o.seed)
    sampler.cancel()
    busy, cpu = list(watch.samples), sum(program.cpu().values())
    end = await watch.until(lambda s: not s["sessions"] and s["rss"] <= start["rss"] * 1.02)
    return start, busy, end, cpu


def main():
    parser = argparse.ArgumentParser(description="One row of the table of allocators.")
    parser.add_argument("--name", default="as it is")
    parser.add_argument("--env", action="append", default=[], help="NAME=VALUE for the program")
    parser.add_argument("--visitors", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    with Program(find("tests/programs/visited"), env=dict(e.split("=", 1) for e in o.env)) as program:
        start, busy, end, cpu = asyncio.run(measure(program, o))
    cells = [o.name]
    for what in ("rss", "dirty"):
        cells += [mb(start[what]), mb(max(s[what] for s in busy)), mb(end[what])]
    print("| " + " | ".join([*cells, f"{100 * end['rss'] / start['rss'] - 100:+.0f} %", f"{cpu:.0f}"]) + " |", flush=True)


if __name__ == "__main__":
    main()
