# contestants.py: a folder of bench/contestants/ each: what it is, and the process that it becomes.
# SPDX-License-Identifier: Apache-2.0

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import tomllib

import psutil

import beside  # noqa: F401
from programs import ROOT, Missing

FOLDER = ROOT / "bench/contestants"
PROGRAMS = ("chat", "page", "echo", "history", "api", "bare")
KEYS = {"title", "system", "version", "needs", "configured", "environment", *PROGRAMS}
PROGRAM_KEYS = {"start", "ready", "answer", "button", "shown", "log", "environment"}
TAIL = 2000              # characters of a log that a failure shows


class Manifest:
    """bench/contestants/<name>/manifest.toml. Words in braces are filled in: {port}, {fresh} (an empty folder), {build}, {peers}, {threads}, {model}."""

    def __init__(self, folder, settings):
        self.name, self.folder, self.settings = folder.name, folder, settings
        path = folder / "manifest.toml"
        try:
            said = tomllib.loads(path.read_text())
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise Missing(f"{path.relative_to(ROOT)}: {error}") from error
        self._check(path.relative_to(ROOT), said)
        self.title, self.system, self.configured = said["title"], said.get("system", folder.name), said.get("configured", "")
        self.needs, self.environment, self._version = said.get("needs", []), said.get("environment", {}), said.get("version")
        self.programs = {kind: said[kind] for kind in PROGRAMS if kind in said}

    @staticmethod
    def _check(path, said):
        if "title" not in said:
            raise Missing(f"{path} has no title")
        for key in said:
            if key not in KEYS:
                raise Missing(f"{path} says {key!r}, which means nothing; it may say {', '.join(sorted(KEYS))}")
        for kind in PROGRAMS:
            for key in said.get(kind, {}):
                if key not in PROGRAM_KEYS:
                    raise Missing(f"{path} says {key!r} in [{kind}], which means nothing; it may say {', '.join(sorted(PROGRAM_KEYS))}")
            if kind in said and "start" not in said[kind]:
                raise Missing(f"{path}: [{kind}] has no start, the words that start it")

    def filled(self, word, port=0, fresh=""):
        places = {"port": port, "fresh": fresh, **self.settings}
        return re.sub(r"\{(\w+)\}", lambda m: str(places[m.group(1)]) if m.group(1) in places else m.group(), word)

    def missing(self):
        """What it needs and is not there; None when it can start."""
        for need in self.needs:
            if not pathlib.Path(self.filled(need)).exists():
                how = "make bench-deps" if "{peers}" in need else "make model" if "{model}" in need else "make bench"
                return f"{self.filled(need)} is not there; make it by: {how}"
        return None

    def version(self):
        if not self._version:
            return ""
        got = subprocess.run([self.filled(w) for w in self._version], capture_output=True, text=True, cwd=self.folder, check=False, timeout=120)
        return got.stdout.strip()


def all_of(settings):
    return [Manifest(folder, settings) for folder in sorted(FOLDER.iterdir()) if (folder / "manifest.toml").exists()]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Running:
    """A contestant that runs. Use it in `with`: leaving ends its whole process group."""

    def __init__(self, manifest, kind, **environment):
        program = manifest.programs[kind]
        self.manifest, self.kind, self.program = manifest, kind, program
        self.port, self.folder = free_port(), tempfile.mkdtemp(prefix="easel-compare-")
        self.url = f"http://127.0.0.1:{self.port}/"
        fill = lambda word: manifest.filled(word, self.port, self.folder + "/data")
        own = {**manifest.environment, **program.get("environment", {})}
        settings = {"BENCH_PORT": str(self.port), "BENCH_MODEL": str(manifest.settings["model"]), "BENCH_THREADS": str(manifest.settings["threads"]), "HOME": self.folder}
        words = [fill(w) for w in program["start"]]
        self.lines, self.stamped = [], threading.Condition()
        self.began = time.time()
        self.child = subprocess.Popen(words, cwd=manifest.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                      start_new_session=True, env={**os.environ, **settings, **{k: fill(v) for k, v in own.items()}, **environment})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        """Every line with the time of its coming."""
        for line in self.child.stdout:
            with self.stamped:
                self.lines.append((time.time(), line.rstrip("\n")))
                self.stamped.notify_all()

    @property
    def ended(self):
        """What its log says at the end of each answer."""
        return self.program.get("log", "Generated")

    def log(self):
        return "\n".join(line for _, line in self.lines)

    def logged(self, pattern, seconds):
        """When a line with this pattern came (wall clock, s), or None after so many seconds."""
        until = time.monotonic() + seconds
        with self.stamped:
            while True:
                for at, line in self.lines:
                    if re.search(pattern, line):
                        return at
                left = until - time.monotonic()
                if left <= 0 or not self.stamped.wait(left):
                    return None

    def await_log(self, words, times, seconds):
        """Waits until the log has said it so often; whether it did."""
        until = time.monotonic() + seconds
        with self.stamped:
            while sum(words in line for _, line in self.lines) < times:
                left = until - time.monotonic()
                if left <= 0 or not self.stamped.wait(left):
                    return False
        return True

    def alive(self):
        return self.child.poll() is None

    def failure(self, what):
        """What to raise when something did not happen: a dead contestant says how it died."""
        died = self.child.poll()
        how = "" if died is None else f"; it ended with signal {-died}" if died < 0 else f"; it ended with status {died}"
        return Missing(f"{what}{how}")

    def await_port(self, seconds=60):
        """Seconds from the start until the port takes a connection."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return time.time() - self.began
            except OSError:
                if not self.alive():
                    break
                time.sleep(0.002)
        raise self.failure(f"nothing listened on its port within {seconds} s")

    def tree(self):
        """The processes, as psutil has them."""
        try:
            root = psutil.Process(self.child.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def memory(self):
        """{"rss": MB, "pss": MB} of the whole tree."""
        rss = pss = 0
        for process in self.tree():
            try:
                info = process.memory_full_info()
                rss, pss = rss + info.rss, pss + info.pss
            except psutil.Error:
                pass
        return {"rss": rss / 1e6, "pss": pss / 1e6}

    def cpu(self):
        """Seconds of CPU that the tree has used."""
        total = 0
        for process in self.tree():
            try:
                times = process.cpu_times()
                total += times.user + times.system
            except psutil.Error:
                pass
        return total

    def stop(self):
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()
        self.reader.join(5)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
