# rows_page.py: what a visitor sees: start, load, bytes, clicks, and the gap after a crash.
# SPDX-License-Identifier: Apache-2.0

import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

from browser import static_copy
from programs import ROOT, Missing, Program, find

PAGES = {
    # The element that is printed last tells that the page is whole.
    "hello": {"last": ".ez-metric"},
    "page50": {"last": "main .ez-metric"},
    "llama_chat_script": {"last": "textarea"},
}
TITLES = {"hello": "hello", "page50": "page of 50 elements", "llama_chat_script": "chat page"}


def example(name, *arguments, **options):
    return Program(find(f"examples/{name}"), *arguments, **options)


def static_server(folder):
    return Program(find("bench/static_server"), folder, data=False)


def copy_of(bench, name, url):
    """A static page of the same bytes, made once for each page and run."""
    folder = bench.folder / f"static-{name}"
    return folder if folder.exists() else static_copy(url, folder)


# ---- start ----

def startup(bench, runs, program, *arguments):
    out = subprocess.run([find("bench/startup"), str(runs), "/", bench.fresh_folder(), program, *arguments], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in out.splitlines()]
    if any(row[2] != "200" for row in rows):
        raise Missing(f"{pathlib.Path(program).name} answered {sorted({row[2] for row in rows})} where 200 is expected")
    return [float(row[0]) for row in rows], [float(row[1]) for row in rows]


def start(bench):
    """Turn and turn about in blocks of five, so that both see the same neighbours on the machine."""
    program = find("examples/hello")
    with example("hello") as p:
        floor = copy_of(bench, "hello", p.url)
    ours, floors = ([], []), ([], [])
    for _ in range(max(1, bench.runs // 5)):
        for out, words in ((ours, [program]), (floors, [find("bench/static_server"), floor])):
            for into, got in zip(out, startup(bench, 5, *words)):
                into += got
    bench.report.row("start", "process start → listening", "ms", ours[0], floors[0], "bare static server")
    bench.report.row("start", "process start → first byte of hello", "ms", ours[1], floors[1], "bare static server", limit=5)


def started_page(bench, name):
    """One run: spawn, then load in a new context. ms from the spawn to the usable page."""
    began = time.time() * 1000
    with example(name) as p:
        return bench.browser.ask("load", url=p.url, socket=True, **PAGES[name])["at"] - began


def start_page(bench):
    for name in ("hello", "page50"):
        with example(name) as p, static_server(copy_of(bench, name, p.url)) as floor:
            ours, floors = [], []
            for _ in range(bench.runs):
                ours.append(started_page(bench, name))
                floors.append(bench.browser.ask("load", url=floor.url, **PAGES[name])["usable"])
        bench.report.row("start", f"process start → usable {TITLES[name]} in Chromium", "ms", ours, floors, "loading a static page", limit_ratio=1.2)


# ---- load, bytes ----

def load(bench):
    for name in PAGES:
        with example(name) as p, static_server(copy_of(bench, name, p.url)) as floor:
            ours, floors = [], []
            for _ in range(bench.runs):
                ours.append(bench.browser.ask("load", url=p.url, socket=True, **PAGES[name]))
                floors.append(bench.browser.ask("load", url=floor.url, **PAGES[name]))
        bench.report.row("load", f"{TITLES[name]}: load → usable, new context", "ms", [o["usable"] for o in ours], [f["usable"] for f in floors],
                         "static page of the same bytes", limit_ratio=1.2)
        bench.report.row("load", f"{TITLES[name]}: the same from the navigation's start", "ms", [o["inside"] for o in ours], [f["inside"] for f in floors],
                         "static page of the same bytes", note="without the new context and its renderer, which weigh the same on both sides")


def size(bench):
    limits = {"hello": 20, "llama_chat_script": 45}
    for name in PAGES:
        with example(name) as p:
            got = [bench.browser.ask("bytes", url=p.url, socket=True, **PAGES[name]) for _ in range(3)]
        foreign = sorted({h for g in got for h in g["hosts"]})
        bench.report.row("bytes", f"{TITLES[name]}: all bytes over the wire", "kB", [g["bytes"] / 1000 for g in got], limit=limits.get(name),
                         note=f"{got[-1]['requests']} requests: " + ", ".join(f"{n} {b / 1000:.1f}" for n, b in sorted(got[-1]["sizes"].items(), key=lambda s: -s[1]))
                         + f"; other hosts: {', '.join(foreign) or 'none'}")


# ---- click ----

def click(bench):
    times = 20 if bench.quick else 100
    floor, pages = {}, {"counter": {}, "page50": {}}
    with example("counter") as p, example("page50") as p50, Program(find("bench/ws_echo"), data=False) as echo:
        url = f"ws://127.0.0.1:{echo.port}/"
        for _ in range(2 if bench.quick else 4):
            more(floor, bench.browser.ask("echo", page=p.url + "healthz", url=url, times=times, size=120))
            for name, at in (("counter", p.url), ("page50", p50.url)):
                more(pages[name], bench.browser.ask("click", url=at, button="Count", text="count", times=times, socket=True))
    for name, seen in pages.items():
        title = TITLES.get(name, name)
        bench.report.row("click", f"{title}: click → changed DOM", "ms", seen["times"], floor["times"], "WebSocket echo → changed DOM", limit_ratio=1.5)
        bench.report.row("click", f"{title}, of that: click → the event is given to the socket", "ms", seen["leaving"])
        bench.report.row("click", f"{title}, of that: from there until the answer comes", "ms", seen["wire"], floor["wire"], "the echo's way")
        bench.report.row("click", f"{title}, of that: the answer → changed DOM", "ms", seen["applying"], floor["applying"], "a text is set")


def more(lists, answer):
    """Adds the lists of an answer to those that are there."""
    for name, values in answer.items():
        if isinstance(values, list):
            lists.setdefault(name, []).extend(values)


# ---- save ----

def save(bench):
    """The source of a page is saved while it is open; the floor is the compiler alone on the same file."""
    folder = pathlib.Path(bench.fresh_folder())
    folder.mkdir()
    source = folder / "hello.c"
    source.write_text((ROOT / "examples/hello.c").read_text())
    compiler = shutil.which("tcc") or shutil.which("cc")
    floors = []
    for _ in range(bench.runs):
        began = time.perf_counter()
        subprocess.run([compiler, "-shared", "-g", f"-I{ROOT}/include", str(source), "-o", str(folder / "floor.so")], check=True)
        floors.append((time.perf_counter() - began) * 1000)
    with Program(find("easel"), "run", str(source), cwd=folder) as p:
        ours = bench.browser.ask("saved", url=p.url, file=str(source), text="Compound interest", times=bench.runs, socket=True)["times"]
    bench.report.row("save", "`easel run`: save → changed DOM", "ms", ours, floors, f"{pathlib.Path(compiler).name} alone", limit=100)


# ---- crash ----

def crash(bench):
    """A worker is killed while clicks go on: the longest time without an effect, less the pause between effects before."""
    gaps = []
    for _ in range(3 if bench.quick else bench.runs):
        with example("counter") as p:
            bench.browser.send("outage", url=p.url, button="Count", text="count", ms=3000, socket=True)
            bench.browser.answer()
            timer = threading.Timer(1, lambda p=p: [os.kill(pid, signal.SIGKILL) for pid, role in p.roles().items() if role == "worker"])
            timer.start()
            got = bench.browser.answer()
            timer.join()
        if got["open"] > 1000:
            raise Missing(f"clicks had no effect for {got['open']:.0f} ms at the end")
        gaps.append(got["longest"])
    bench.report.row("crash", "kill -9 of the worker → the next click has an effect", "ms", gaps, limit=1000)
