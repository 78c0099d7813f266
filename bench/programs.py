# programs.py: starts what is measured, and reads what it uses from /proc.
# SPDX-License-Identifier: Apache-2.0

import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Missing(Exception):
    """A program that a row needs was not built, or does not do what the row needs."""


def find(*places):
    """The first of these paths below the build folder, or Missing."""
    build = pathlib.Path(os.environ.get("EASEL_BUILD", ROOT / "build"))
    for place in places:
        if (build / place).exists():
            return build / place
    raise Missing(f"{places[0]} is not in {build.name}/")


class Program:
    """A running program with its children. Use it in `with`; leaving ends the whole group."""

    def __init__(self, path, *arguments, data=None, env=None, cwd=ROOT):
        self.path, self.folder = path, tempfile.mkdtemp(prefix="easel-bench-")
        own = [] if data is False else ["--data", data or self.folder]
        self.log = tempfile.TemporaryFile()
        self.began = time.time()
        self.child = subprocess.Popen([str(path), *map(str, arguments), "--port", "0", *own], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
                                      start_new_session=True, env={**os.environ, **(env or {})})
        line = self._line(30)
        where = re.search(r"(http://127\.0\.0\.1:(\d+)/|ws://127\.0\.0\.1:(\d+)/?\S*)", line)
        if not where:
            text = self.output()
            self.stop()
            raise Missing(f"{path.name} does not start: {line or text[-300:]}")
        self.url, self.port = where.group(1), int(where.group(2) or where.group(3))

    def _line(self, seconds):
        if not select.select([self.child.stdout], [], [], seconds)[0]:
            return ""
        return self.child.stdout.readline().decode("utf-8", "replace").strip()

    def output(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()
        self.child.stdout.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def pids(self):
        """The process and all that it started, each with the role that its command line names."""
        parents, found = {}, [self.child.pid]
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    pass
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def roles(self):
        """{pid: "supervisor" | "worker" | "engine"}: by what a process has open or was told; the root is the supervisor."""
        out = {}
        for pid in self.pids():
            try:
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() + pathlib.Path(f"/proc/{pid}/comm").read_bytes() + pathlib.Path(f"/proc/{pid}/environ").read_bytes()
                maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
            except OSError:
                continue
            out[pid] = "engine" if "libllama" in maps else "supervisor" if pid == self.child.pid else "engine" if b"engine" in words else "worker"
        return out

    def memory(self, pids=None):
        """(RSS, PSS) in kB of all processes."""
        rss = pss = 0
        for pid in pids or self.pids():
            try:
                text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            rss += int(re.search(r"^Rss:\s+(\d+)", text, re.M).group(1))
            pss += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1))
        return rss, pss

    def cpu(self, pids=None):
        """Seconds of CPU that the processes' living threads have used, to the nanosecond of the scheduler: {thread name: seconds}."""
        out = {}
        for pid in pids or self.pids():
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*"):
                try:
                    name = (task / "comm").read_text().strip()
                    out[name] = out.get(name, 0) + int((task / "schedstat").read_text().split()[0]) / 1e9
                except OSError:
                    pass
        return out


def machine():
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1))
    return {"cpu": cpu.group(1) if cpu else "?", "cores": os.cpu_count(), "memory_gb": round(memory / 1e6), "kernel": os.uname().release, "load_1min": os.getloadavg()[0]}


def commit():
    out = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False)
    return out.stdout.strip() or "?"
