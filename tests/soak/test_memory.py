#!/usr/bin/env python3
# test_memory.py: more visitors than memory: sessions of 1 MB under a cap of a fifth of what they all need. Nobody misses anything.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tests/soak/test_memory.py           100 sessions under 20 MB, as `make test` runs it
#   python3 tests/soak/test_memory.py 500       500 sessions under 100 MB

import asyncio
import json
import pathlib
import re
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from people import Broken, Person, shows  # noqa: E402 (finds the two below)

from programs import Program, find  # noqa: E402

VISITORS, AT_ONCE = int(sys.argv[1]) if sys.argv[1:] else 100, 8
CAP_MB = VISITORS // 5
failed = 0


def check(name, good, why=""):
    global failed
    failed += not good
    print(f"ok {name}" if good else f"not ok {name}: {why}", flush=True)


async def keys(program):
    """Ids of the page's controls, which are the same for everybody. On a slow machine the page is answered before it is whole."""
    for _ in range(100):
        page = Person(program.port)
        await page.get()
        node = lambda name: page.nodes.one(lambda e: f"ez-key-{name}" in (e["attributes"].get("class") or "").split())["node"]  # noqa: E731
        try:
            return {name: node(name) for name in ("text", "seed", "load", "check", "busy")}
        except Broken:
            await asyncio.sleep(0.1)
    raise Broken("the page does not come")


async def opened(program, key):
    """A visitor who sees the whole page."""
    p = await Person(program.port).open()
    if key["busy"] not in p.html:
        await p.until(lambda m: key["busy"] in json.dumps(m.get("o", "")))
    return p


def facts(program):
    with urllib.request.urlopen(program.url + "readyz", timeout=30) as answer:
        return json.load(answer)


def anonymous_kb(program):
    """Memory of all processes that no file stands behind."""
    status = lambda pid: pathlib.Path(f"/proc/{pid}/status").read_text()  # noqa: E731
    return sum(int(re.search(r"RssAnon:\s+(\d+)", status(pid)).group(1)) for pid in program.pids())


async def seats(work, count):
    left = iter(range(count))

    async def seat():
        for i in left:
            await work(i)

    await asyncio.gather(*(seat() for _ in range(AT_ONCE)))


async def visits(program, times):
    people, held, rss, wrong, key = [None] * VISITORS, [], [], [], await keys(program)

    async def comes(i):
        p = people[i] = await opened(program, key)
        seen = await p.do((key["load"], "click", None), [(key["text"], f"word {i}"), (key["seed"], 1000 + i)])
        if not shows(seen, "1 clicks"):
            wrong.append(f"visitor {i} came: {json.dumps(seen)[:500]}")
        if i % 10 == 0:
            held.append((await asyncio.to_thread(facts, program))["memory"])
            rss.append(await asyncio.to_thread(anonymous_kb, program))

    async def comes_back(i):
        """Half of them are still connected; the others had gone, and ask for the page anew."""
        p = people[i]
        if i % 2:
            await p.leave()
            p.number = 0
            await p.get()
            await p.connect()
        seen = await p.do((key["check"], "click", None))
        wanted = f"load of {1000 + i} is whole, click 2, text word {i}"
        if not shows(seen, wanted):
            wrong.append(f"visitor {i}: {json.dumps(seen)[:300]}")
        whole = [m for m in seen if m.get("whole")]
        if whole and not i % 2:
            wrong.append(f"visitor {i}, who never left, got the whole page")

    times.append(time.monotonic())
    await seats(comes, VISITORS)
    times.append(time.monotonic())
    in_memory = facts(program)
    await seats(comes_back, VISITORS)
    times.append(time.monotonic())
    held.append(facts(program)["memory"])
    rss.append(anonymous_kb(program))
    for p in people:
        await p.leave()
    return held, rss, wrong, in_memory


def get(program):
    try:
        with urllib.request.urlopen(program.url, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


async def until(program, status):
    """Asks for the page until it is answered so; gives the last answer."""
    for _ in range(150):
        answer = await asyncio.to_thread(get, program)
        if answer[0] == status:
            break
        await asyncio.sleep(0.2)
    return answer


async def crowded(program):
    """Everybody is at work, so nobody can go: who is new is asked to come later, who is there goes on."""
    key = await keys(program)
    people = [await opened(program, key) for _ in range(6)]
    first = people[0]
    for i, p in enumerate(people):
        await p.do((key["load"], "click", None), [(key["seed"], i)])
    for p in people[1:]:
        p.event((key["busy"], "click", None))
    status, headers, body = await until(program, 503)
    check("a new visitor is asked to come later when all memory is at work", status == 503, f"{status}")
    check("…by a page with a header that says when", headers["Retry-After"] == "10" and "come again in a moment" in body, f"{headers}{body}")
    check("who is there goes on", shows(await first.do((key["check"], "click", None)), "load of 0 is whole, click 2"))
    for p in people[1:]:
        p.number += 1
        p.say({"t": "s", "n": p.number, "f": p.frame, "x": ["ez_________", "stop", None]})
    status, _, _ = await until(program, 200)
    check("a new visitor is welcome when some have ended", status == 200, f"{status}")
    for p in people:
        await p.leave()


def main():
    # Who waits for his turn here answers no pings.
    with Program(find("tests/programs/heavy"), "--memory", f"{CAP_MB}M", "--ping-interval", "1h") as program:
        held, rss, wrong, in_memory = asyncio.run(visits(program, times := []))
        check("everything that each visitor typed and did is there when he comes back", not wrong, "; ".join(wrong[:3]))
        check("most of them were not in memory meanwhile", CAP_MB / 2 < in_memory["sessions"] < VISITORS / 3, f"{in_memory}")
        check("all of them were connected", in_memory["views"] == VISITORS, f"{in_memory}")
        most = max(held)
        check("sessions hold no more than the cap and a session or two", most < (CAP_MB + 2 * AT_ONCE) << 20, f"{most >> 20} MB")
        check("and the program no more than twice that, beside what it is without them", max(rss) < (2 * CAP_MB + 20) * 1024, f"{max(rss) >> 10} MB")
        print(f"{VISITORS} sessions of 1 MB, --memory {CAP_MB}M: they held at most {most / 2**20:.1f} MB, the processes' own memory at most "
              f"{max(rss) / 1024:.1f} MB; they came in {times[1] - times[0]:.1f} s and came back in {times[2] - times[1]:.1f} s, with {sum(program.cpu().values()):.1f} s of CPU")
    with Program(find("tests/programs/heavy"), "--memory", "5M") as program:
        asyncio.run(crowded(program))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
