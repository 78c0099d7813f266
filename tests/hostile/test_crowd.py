#!/usr/bin/env python3
# test_crowd.py: ten thousand connections at a program, a program without file descriptors, visitors who do not read.
# SPDX-License-Identifier: Apache-2.0
#
# By hand, with what it measures:  python3 tests/hostile/test_crowd.py -v

import json
import os
import pathlib
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("EASEL_BUILD", ROOT / "build"))
sys.path.insert(0, str(ROOT / "bench"))
from wire import Broken, Visitor, frame  # noqa: E402

SOFT, HARD = resource.getrlimit(resource.RLIMIT_NOFILE)
CROWD = 10000 if HARD == resource.RLIM_INFINITY else min(10000, HARD - 500)
UPGRADE = (b"GET /_easel/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def wait_for(what, holds, seconds=30):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(0.05)


class Program:
    """An example with its worker, under a limit of descriptors."""

    def __init__(self, name, soft, hard):
        self.data, self.log = tempfile.TemporaryDirectory(), tempfile.TemporaryFile()
        self.process = subprocess.Popen([BUILD / name, "--port", "0", "--data", self.data.name], stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)))
        self.port = int(re.search(r":(\d+)/", self.process.stdout.readline()).group(1))
        Visitor(self.port).open().close()
        self.worker = next(int(p.name) for p in pathlib.Path("/proc").iterdir() if p.name.isdigit() and self.is_worker(p))

    def is_worker(self, proc):
        """The child that listens to the browsers: it holds sockets beside the one that it inherited."""
        try:
            parent = int(re.search(r"^PPid:\s*(\d+)", (proc / "status").read_text(), re.M).group(1))
            return parent == self.process.pid and len(list((proc / "task").iterdir())) > 1
        except (OSError, AttributeError):
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.log.close()
        self.data.cleanup()

    def said(self):
        self.log.seek(0)
        return self.log.read().decode()

    def files(self):
        return len(os.listdir(f"/proc/{self.worker}/fd"))

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rests(self):
        """No work for half a second."""
        before = self.cpu()
        time.sleep(0.5)
        return self.cpu() == before

    def memory_kb(self):
        return int(re.search(r"^VmRSS:\s*(\d+)", pathlib.Path(f"/proc/{self.worker}/status").read_text(), re.M).group(1))


def dial(port, host="127.0.0.1"):
    s = socket.socket()
    s.settimeout(30)
    s.bind((host, 0))
    s.connect(("127.0.0.1", port))
    return s


def head(s):
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = s.recv(65536)
        if not piece:
            raise Broken(f"the connection ends in the answer: {answer!r}")
        answer += piece
    return int(answer.split()[1])


class Crowd(unittest.TestCase):
    def start(self, name, soft, hard):
        program = Program(name, soft, hard)
        self.addCleanup(program.stop)
        return program

    def many(self, program, count):
        """Half of them idle WebSockets, half connections that have had an answer, from eight addresses."""
        crowd = []
        self.addCleanup(lambda: [s.close() for s in crowd])
        for i in range(count):
            crowd.append(dial(program.port, f"127.0.0.{1 + i % 8}"))
            crowd[i].sendall(UPGRADE if i % 2 else HEALTH)
        wrong = [status for i, s in enumerate(crowd) if (status := head(s)) != (101 if i % 2 else 200)]
        self.assertEqual(wrong, [])
        return crowd

    def test_ten_thousand_connections_at_once(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (HARD, HARD))
        program = self.start("examples/hello", 1024, HARD)     # the usual soft limit, which the program raises by itself
        for s in self.many(program, CROWD // 10):               # makes what stays: tables of libuv, the allocator's own
            s.close()
        wait_for("the first connections are closed", lambda: program.files() < 100)
        files, before = program.files(), program.memory_kb()
        crowd = self.many(program, CROWD)
        full = program.memory_kb()
        self.assertGreaterEqual(program.files(), CROWD)
        visitor = Visitor(program.port).open()                   # a new visitor gets a page, and his line works
        visitor.do(values=[(visitor.nodes.control(type="range"), 7)])
        visitor.close()
        for s in crowd:
            s.close()
        wait_for("all connections are closed", lambda: program.files() <= files + 2)
        wait_for("their memory is given back", lambda: program.memory_kb() < before + max(before // 10, 2048))
        after = program.memory_kb()
        print(f"\n{CROWD} connections: {before} kB before, {full} kB with them ({(full - before) / CROWD:.2f} kB each), {after} kB after", file=sys.stderr)
        self.assertLess((full - before) / CROWD, 4)

    def test_a_program_without_descriptors_goes_on_and_recovers(self):
        program = self.start("examples/counter", 64, 64)
        visitor = Visitor(program.port).open()
        button = visitor.nodes.button("Count")
        visitor.do((button, "click", None))
        crowd, waiting = [], None
        for _ in range(100):                                     # sockets that have spoken, so that none makes room
            s = dial(program.port)
            s.settimeout(1)
            try:
                s.sendall(UPGRADE)
                head(s)
                s.sendall(frame('{"t":"ping"}'))
                crowd.append(s)
            except TimeoutError:
                waiting = s
                break
        self.assertIsNotNone(waiting, "the descriptors never ran out")
        began, cpu = time.monotonic(), program.cpu()
        for _ in range(10):                                      # who is in goes on: run, commit and acknowledgement
            visitor.do((button, "click", None))
            time.sleep(0.2)
        used, seconds = program.cpu() - cpu, time.monotonic() - began
        self.assertLess(used, seconds / 2, "the loop spins")
        self.assertEqual(program.said().count("no file descriptor is left"), 1)
        for s in crowd[:5]:
            s.close()
        waiting.settimeout(30)
        self.assertEqual(head(waiting), 101)                     # who waited is served
        Visitor(program.port).open().close()                     # and so is the next
        visitor.do((button, "click", None))
        visitor.close()
        for s in (*crowd, waiting):
            s.close()
        reopened = Visitor(program.port)
        reopened.get()
        print(f"\nwithout descriptors: {len(crowd)} sockets, {used:.2f} s of CPU in {seconds:.1f} s", file=sys.stderr)

    def test_a_view_that_does_not_read_gets_one_fresh_difference_later(self):
        program = self.start("tests/programs/wide", SOFT, HARD)
        deaf, other = Visitor(program.port).open(), Visitor(program.port).open()
        button = deaf.nodes.button("More")
        deaf.do((button, "click", None))
        before, clicks = program.memory_kb(), 400                # 40 MB of changes, if all were sent
        for _ in range(clicks):
            number = deaf.event((button, "click", None))
            other.say({"t": "ping"})                             # the loop has read the click when it answers: no flood of events
            other.until(lambda m: "pong" in m)
        wait_for("all clicks are worked off", program.rests, 60)
        most = program.memory_kb()
        other.do((other.nodes.button("More"), "click", None))    # others notice nothing
        seen = deaf.settled(number)
        heard, wide = sum(len(json.dumps(m)) for m in seen), [m for m in seen if len(json.dumps(m)) > 50000]
        print(f"\n{clicks} clicks unread: {heard} bytes in {len(wide)} frames, {before} kB before, {most} kB while unread", file=sys.stderr)
        self.assertTrue([m for m in seen if f"count {clicks + 1}" in json.dumps(m)], "the last state did not come")
        self.assertLess(heard, clicks * 100000 / 2)
        self.assertLess(most - before, 24 * 1024)
        deaf.do((button, "click", None))                         # and it goes on as before
        deaf.close()
        other.close()


if __name__ == "__main__":
    unittest.main()
