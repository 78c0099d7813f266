# api.py: functions called over the network: how soon they answer one and many, stream, and take and give files.
# SPDX-License-Identifier: Apache-2.0

import http.client
import json
import os
import pathlib
import re
import subprocess
import time

import users as users_at_once
from contestants import Missing, Running
from wire import MCP, MCP_HEADERS

NAME = "api"
TITLE = "Functions over the network"
METHOD = ("A function that says back what it is given, one that streams numbers, one that only waits and has 10,000 calls before it, and a file of 64 MB, by the addresses that Gradio documents for curl (`/gradio_api/call`, `/upload`, `/file=`), which both systems have, so that "
          "one client measures both; *REST* and *MCP* are Easel's own addresses. Users are driven by Locust, each calls again 0 to 0.5 s after his last answer. *As fast as they come*: 50 connections of wrk, "
          "a client in C, each calls again at once, on the same cores.")
VALUES = {
    "latency": ("call → answer", "ms", "from the request to the whole answer"),
    "throughput": ("throughput", "per s", "answers of all users together in a second"),
    "errors": ("failures", "", "calls that got no answer"),
    "first": ("call → first item of a stream", "ms", "from the request to the first number"),
    "items": ("items streamed", "per s", "events of one stream in a second, as many as come; a system may leave out numbers that are old when they could be sent"),
    "queued": ("a queued call", "kB", "growth of PSS by 10,000 calls that wait for their turn, for each"),
    "taken": ("calls taken into the queue", "per s", "from one connection, one after the other"),
    "up": ("upload", "MB/s", "of one file of 64 MB"),
    "down": ("download", "MB/s", "of the same file"),
}
ABOUT, MORE_IS_BETTER, TRIMMED = ("call", "users"), ("throughput", "items", "taken", "up", "down"), False
MB, ITEMS, QUEUED = 64, 20000, 10_000
KINDS, FAST = {"echo": "call", "echo by REST": "rest", "echo by MCP": "mcp"}, ", as fast as they come"


class Line:
    """One connection, kept for all that it asks."""

    def __init__(self, port):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, method, path, body=None, headers=None):
        self.http.request(method, path, body, headers or {})
        answer = self.http.getresponse()
        return answer

    def json(self, path, body, **headers):
        answer = self.ask("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
        text = answer.read()
        if answer.status != 200:
            raise Missing(f"{path}: {answer.status} {text[:200].decode('utf-8', 'replace')}")
        return json.loads(text)

    def call(self, name, data):
        """Yields the events of a call as it documents them for curl."""
        event = self.json(f"/gradio_api/call/{name}", {"data": data})["event_id"]
        answer, kind = self.ask("GET", f"/gradio_api/call/{name}/{event}"), ""
        while (text := answer.readline()):
            if text.startswith(b"event:"):
                kind = text[6:].strip().decode()
            elif text.startswith(b"data:") and kind != "heartbeat":
                yield kind, json.loads(text[5:])


# A call of the function that says back: where, what, and with which headers more.
ECHO = {"call": ("/gradio_api/call/echo", {"data": ["word"]}, {}), "rest": ("/api/echo", {"text": "word"}, {}), "mcp": ("/mcp", MCP, MCP_HEADERS)}


class Caller:
    """A user of crowd.py who calls the function that says back."""

    KINDS = tuple(ECHO)

    def __init__(self, port, kind):
        self.line, self.port, self.kind = Line(port), port, kind

    def open(self):
        pass

    def close(self):
        self.line.http.close()

    def call(self, word):
        """Seconds until it was said back."""
        began = time.perf_counter()
        if self.kind == "rest":
            got = self.line.json("/api/echo", {"text": word})
        elif self.kind == "mcp":
            got = self.line.json("/mcp", {**MCP, "params": {**MCP["params"], "arguments": {"text": word}}}, **MCP_HEADERS)
        else:
            got = [data for _, data in self.line.call("echo", [word])]
        if f"echo {word}" not in json.dumps(got):
            raise Missing(f"it said {json.dumps(got)[:200]}")
        return time.perf_counter() - began


def called(manifest, running, kind, users, seconds):
    told = users_at_once.crowd(manifest.name, running.port, kind, users, seconds)
    if not told["latency"]:
        raise Missing(f"{users} users: nobody got an answer: {'; '.join(sorted(set(told['errors']))[:3])}")
    return {"latency": [took for _, took in told["latency"]], "throughput": len(told["latency"]) / told["seconds"], "errors": len(told["errors"])}


def fast(running, kind, seconds):
    """What the server answers when the client takes little of the cores, and nobody pauses."""
    path, body, headers = ECHO[kind]
    words = ["wrk", "-t1", "-c50", f"-d{seconds}s", "--timeout", "10s", "-s", str(pathlib.Path(__file__).with_name("calls.lua")), running.url, "--", path, json.dumps(body)]
    words += [word for header in headers.items() for word in header]
    try:
        got = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 60, check=False)
    except FileNotFoundError:
        raise Missing("wrk is not installed: make bench-deps") from None
    told = re.search(r"answered (\d+) failed (\d+) seconds ([\d.]+) said (.*)", got.stdout)
    if not told or not int(told[1]):
        raise Missing(f"wrk got no answer: {told[4] if told else (got.stdout + got.stderr).strip()[-300:]}")
    return {"throughput": int(told[1]) / float(told[3]), "errors": int(told[2])}


def streams(running, times):
    line, first = Line(running.port), []
    for _ in range(times):
        began = time.perf_counter()
        for _ in line.call("count", [3]):
            first.append((time.perf_counter() - began) * 1000)
            break
        line = Line(running.port)
    items, began = 0, time.perf_counter()
    for kind, data in line.call("count", [ITEMS]):
        items += 1
        if kind == "error":
            raise Missing(f"the stream ended badly: {data}")
    return {"first": first, "items": items / (time.perf_counter() - began)}


def files(running):
    content, boundary = os.urandom(MB << 20), "easel-bench"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="random.bin"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode()
    body = head + content + f"\r\n--{boundary}--\r\n".encode()
    line, began = Line(running.port), time.perf_counter()
    answer = line.ask("POST", "/gradio_api/upload", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    path = json.loads(answer.read())[0]
    up, began = time.perf_counter() - began, time.perf_counter()
    got = Line(running.port).ask("GET", f"/gradio_api/file={path}").read()
    down = time.perf_counter() - began
    if got != content:
        raise Missing("the file came back as another one")
    return {"up": MB / up, "down": MB / down}


def queued(running, count):
    """Calls that wait behind one that takes long; nobody listens to them."""
    line = Line(running.port)
    for _ in range(20):
        line.json("/gradio_api/call/pause", {"data": [600]})
    time.sleep(1)
    before, began = running.memory()["pss"], time.perf_counter()
    for _ in range(count):
        line.json("/gradio_api/call/pause", {"data": [600]})
    took = time.perf_counter() - began
    time.sleep(2)
    return {"queued": (running.memory()["pss"] - before) / count * 1000, "taken": count / took}


def sample(bench, manifest, _turn, call, users):
    with Running(manifest, "api") as running:
        running.await_port()
        time.sleep(1)
        try:
            if call == "stream":
                return streams(running, 3 if bench.quick else 50)
            if call == "queue":
                return queued(running, 500 if bench.quick else QUEUED)
            if call == "file":
                return files(running)
            if call.endswith(FAST):
                return fast(running, KINDS[call.removesuffix(FAST)], 3 if bench.quick else 15)
            return called(manifest, running, KINDS[call], users, 3 if bench.quick else 15)
        finally:
            bench.log = running.log()


def tasks(bench):
    kinds = [("echo", users) for users in ((1, 10) if bench.quick else (1, 10, 100, 1000))]
    kinds += [("echo by REST", users) for users in ((10,) if bench.quick else (1, 10, 100, 1000))] + [("echo by MCP", 1), *((call + FAST, 50) for call in KINDS), ("stream", 1), ("queue", 1), ("file", 1)]
    for call, users in kinds:
        for manifest in bench.contestants:
            if "api" in manifest.programs and (manifest.system == "easel" or "by" not in call):
                yield manifest, 0, sample, {"call": call, "users": users}
