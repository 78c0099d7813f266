# rows_server.py: what a server costs: a rerun, an idle session, a hundred people who type.
# SPDX-License-Identifier: Apache-2.0

import functools
import http.client
import json
import random
import resource
import threading
import time

from programs import Missing, Program, find
from report import quantile
from rows_page import example, static_server
from wire import MCP, MCP_HEADERS, ROOT_NODE, Visitor, crowd, echo_crowd, frame, take_frame


# ---- CPU of a rerun ----

def rerun(bench):
    """Reruns of the whole page with nothing changed, one after the other; CPU of every thread of every process."""
    count = 200 if bench.quick else 2000
    with example("page50") as p:
        v = Visitor(p.port).open()
        for _ in range(100):
            v.do((ROOT_NODE, "rerun", None))
        all_us, threads = [], {}
        for _ in range(5 if bench.quick else bench.runs):
            before, operations = p.cpu(), 0
            for _ in range(count // 10):
                operations += sum(len(m.get("o", [])) for m in v.do((ROOT_NODE, "rerun", None)))
            after = p.cpu()
            used = {name: (after[name] - before.get(name, 0)) / (count // 10) * 1e6 for name in after}
            all_us.append(sum(used.values()))
            for name, us in used.items():
                threads.setdefault(name, []).append(us)
        v.close()
    parts = ", ".join(f"{name} {sorted(us)[len(us) // 2]:.0f}" for name, us in sorted(threads.items(), key=lambda t: -sum(t[1])) if sum(us) / len(us) >= 1)
    bench.report.row("rerun", "page of 50 elements: one rerun, nothing changed", "µs", all_us, limit=100,
                     note=f"CPU of all threads: {parts}" + (f"; {operations} operations were sent" if operations else ""))


# ---- calls ----

def asked(line, method, path, body=None, headers=None):
    """ms until the whole answer is there."""
    began = time.perf_counter()
    line.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json", **(headers or {})} if body else {})
    answer = line.getresponse()
    said = answer.read()
    if answer.status != 200 or b"echo word" not in said:
        raise Missing(f"{path}: {answer.status} {said[:100]}")
    return (time.perf_counter() - began) * 1000


def calls(bench):
    """One client, one connection to each, turn and turn about."""
    folder = bench.folder / "static-echo"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text('{"echo":"echo word"}')
    rest, mcp, floors = [], [], []
    with Program(find("bench/api")) as p, static_server(folder) as floor:
        ours, bare = http.client.HTTPConnection("127.0.0.1", p.port), http.client.HTTPConnection("127.0.0.1", floor.port)
        for _ in range(200 if bench.quick else 2000):
            floors.append(asked(bare, "GET", "/"))
            rest.append(asked(ours, "POST", "/api/echo", {"text": "word"}))
            mcp.append(asked(ours, "POST", "/mcp", MCP, MCP_HEADERS))
    floor_name = "the same words from a bare static server"
    bench.report.row("calls", "a call by REST", "ms", rest, floors, floor_name)
    bench.report.row("calls", "a tool call by MCP", "ms", mcp, floors, floor_name, note="Gradio published 89 ms for its own")


# ---- memory ----

def settle(p, seconds):
    """Memory once it no longer falls."""
    end, last = time.monotonic() + seconds, p.memory()
    while time.monotonic() < end:
        time.sleep(1)
        now = p.memory()
        if now[0] >= last[0] and now[1] >= last[1]:
            return now
        last = now
    return last


def memory(bench):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    steps = [0, 100, 1000] if bench.quick else [0, 100, 1000, 10000]
    most = steps[-1]
    with Program(find("bench/ws_echo"), data=False) as echo:
        base = echo.memory()
        people = echo_crowd(echo.port, most)
        socket_kb = (settle(echo, 3)[0] - base[0]) / most
        for s in people:
            s.close()
    bench.report.row("memory", "bare WebSocket echo, an idle connection", "kB", [socket_kb], note=f"of {most:,}")
    for name in ("hello", "page50"):
        one_page(bench, name, steps, socket_kb)


def one_page(bench, name, steps, socket_kb):
    most, people, seen = steps[-1], [], {}
    with example(name) as p:
        Visitor(p.port).open().close()
        time.sleep(2)
        for step in steps:
            people += crowd(p.port, step - len(people))
            seen[step] = settle(p, 5)
            bench.report.row("memory", f"{name}: RSS with {step:,} idle sessions", "MB", [seen[step][0] / 1000], note=f"PSS {seen[step][1] / 1000:.1f} MB")
        each = (seen[most][0] - seen[0][0]) / most
        bench.report.row("memory", f"{name}: an idle session", "kB", [each], [socket_kb], "an idle WebSocket", limit=round(4 + socket_kb, 2), note=f"budget: 4 kB and the connection; of {most:,}")
        for v in people:
            v.close()
        time.sleep(5 if bench.quick else 60)
        left = settle(p, 10)
        bench.report.row("memory", f"{name}: RSS after all have left", "MB", [left[0] / 1000], [seen[0][0] / 1000], "at the start", limit_ratio=1.1,
                         note=f"PSS {left[1] / 1000:.1f} MB; {5 if bench.quick else 60} s later")


# ---- a hundred people who type ----

class Typist(threading.Thread):
    """Ten inputs, each after 0 to 0.5 s; waits for each answer, which `ask` does."""

    def __init__(self, name, ask):
        super().__init__(daemon=True)
        self.name_, self.ask, self.times, self.error = name, ask, [], None

    def run(self):
        try:
            for i in range(10):
                time.sleep(random.random() / 2)
                text = f"{self.name_} {i}"
                began = time.perf_counter()
                self.ask(text)
                self.times.append((time.perf_counter() - began) * 1000)
        except Exception as error:
            self.error = error


def typed(asks):
    """ms of each input of as many people as there are functions that ask."""
    people = [Typist(f"visitor {i}", ask) for i, ask in enumerate(asks)]
    for t in people:
        t.start()
    for t in people:
        t.join(60)
    bad = [t.error for t in people if t.error or len(t.times) < 10]
    if bad:
        raise Missing(f"echo with {len(people)} people: {bad[0]}")
    return [x for t in people for x in t.times]


def of_easel(count):
    with example("echo") as p:
        first = Visitor(p.port)
        first.get()
        field = first.nodes.one(lambda e: e["tag"] == "input" and e["attributes"].get("data-ez-value") == "text")["node"]
        visitors = [Visitor(p.port).open() for _ in range(count)]

        def ask(v, text):
            v.event(values=[(field, text)])
            v.until(lambda m: f"echo {text}" in str(m.get("o", "")))
        times = typed([functools.partial(ask, v) for v in visitors])
        for v in visitors:
            v.close()
    return times


def of_bare_echo(count):
    """The same people at a server that only sends back what comes: what the clients themselves and the network take."""
    with Program(find("bench/ws_echo"), data=False) as echo:
        sockets = echo_crowd(echo.port, count)

        def ask(s, text):
            s.sendall(frame(json.dumps({"t": "e", "n": 1, "v": [["", text, 1]]})))
            buffer = bytearray()
            while not take_frame(buffer):
                buffer += s.recv(65536)
        times = typed([functools.partial(ask, s) for s in sockets])
        for s in sockets:
            s.close()
    return times


def typing(bench):
    for count in (10, 100):
        times, floor = [], []
        for _ in range(1 if bench.quick else 4):
            times += of_easel(count)
            floor += of_bare_echo(count)
        name = "a bare WebSocket echo"
        bench.report.row("typing", f"{count} people type: an echo, median", "ms", times, floor, name)
        bench.report.row("typing", f"{count} people type: an echo, 99 of 100 below", "ms", [quantile(times, 0.99)], [quantile(floor, 0.99)], name, limit=10 if count == 100 else None,
                         note="the clients are one Python program on the same two cores" if count == 100 else "")
