# store.py: the folder of one run: samples as they come, so that an interrupted run goes on where it was.
# SPDX-License-Identifier: Apache-2.0

import datetime
import gzip
import json
import os
import pathlib


class Stop(Exception):
    """The run cannot go on; the message says why and what to do."""


def about_of(row):
    """The setting in which a sample was taken, such as {"users": 10}."""
    return {k: v for k, v in row.items() if k not in ("measure", "contestant", "turn", "values", "at")}


class Samples:
    """What was measured: one row for each sample, and one for each time that a contestant failed."""

    def __init__(self, lines=()):
        self.samples, self.failures = [], []
        for line in lines:
            row = json.loads(line)
            (self.failures if "failed" in row else self.samples).append(row)

    def has(self, measure, contestant, turn, **about):
        """Whether it was taken in just this setting: a search for the largest number of users is another than a sample of ten."""
        return any(r["measure"] == measure and r["contestant"] == contestant and r["turn"] == turn and about_of(r) == about for r in self.samples)

    def failures_in_a_row(self, measure, contestant):
        """How often a contestant failed since it last gave a sample; after a few it is left alone."""
        since = max((r["at"] for r in self.samples if r["measure"] == measure and r["contestant"] == contestant), default="")
        return sum(1 for r in self.failures if r["measure"] == measure and r["contestant"] == contestant and r["at"] > since)

    def values(self, measure, contestant, name, **about):
        """All numbers of this name, without the turns before zero, which are the warm-up."""
        out = []
        for r in self.samples:
            if r["measure"] == measure and r["contestant"] == contestant and r["turn"] >= 0 and name in r["values"] and all(r.get(k) == v for k, v in about.items()):
                value = r["values"][name]
                out += value if isinstance(value, list) else [value]
        return out

    def contestants(self, measure):
        return list(dict.fromkeys(r["contestant"] for r in self.samples + self.failures if r["measure"] == measure))


def holds_run(folder):
    return any((pathlib.Path(folder) / name).exists() for name in ("samples.jsonl", "samples.jsonl.gz"))


def whole_lines(folder):
    """The lines of a run's samples; one that was cut by the end of the process that wrote it does not count."""
    plain, packed = folder / "samples.jsonl", folder / "samples.jsonl.gz"
    text = gzip.decompress(packed.read_bytes()).decode() if packed.exists() else plain.read_text()
    return text[:text.rfind("\n") + 1].splitlines()


def pack(folder):
    """Makes a run that has ended small enough to be kept: its samples compressed, and nothing that only the run itself needed."""
    whole_lines(folder)
    for path in (folder / "samples.jsonl", folder / "samples.csv"):
        if path.exists():
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
            path.unlink()
    (folder / "progress.json").unlink(missing_ok=True)


class Results(Samples):
    """results/<date>/: run.json says what is measured, samples.jsonl has one line for each sample. A folder is never written over."""

    def __init__(self, folder, plan, resume):
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.lines = self.folder / "samples.jsonl"
        if (self.folder / "samples.jsonl.gz").exists():
            raise Stop(f"{self.folder} holds a run that was packed, and goes on no more; choose another folder with --results")
        if self.lines.exists():
            self._resume(plan, resume)
            return
        if self.folder.exists() and any(self.folder.iterdir()):
            raise Stop(f"{self.folder} holds something that is no run; choose another folder with --results")
        (self.folder / "logs").mkdir(parents=True)
        (self.folder / "run.json").write_text(json.dumps({"began": now(), **plan}, indent=1) + "\n")
        self._open()

    def _resume(self, plan, resume):
        if not resume:
            raise Stop(f"{self.folder} holds a run; go on with it by --resume, or choose another folder with --results")
        was = json.loads((self.folder / "run.json").read_text())
        for name, value in plan["settings"].items():
            if was["settings"].get(name) != value:
                raise Stop(f"{self.folder} was begun with {name} {was['settings'].get(name)!r}, not {value!r}: what would be measured now does not belong to it")
        super().__init__(whole_lines(self.folder))
        os.truncate(self.lines, self.lines.read_bytes().rfind(b"\n") + 1)
        self._note_commit(was, plan.get("hardware", {}).get("commit"))
        self._open()

    def _note_commit(self, was, commit):
        """A run that goes on with another commit says from when: samples after that are of it."""
        before = [was.get("hardware", {}).get("commit"), *(r["commit"] for r in was.get("resumed", []))][-1]
        if commit and commit != before:
            was.setdefault("resumed", []).append({"at": now(), "commit": commit})
            (self.folder / "run.json").write_text(json.dumps(was, indent=1) + "\n")

    def _open(self):
        self.file = self.lines.open("a")

    def add(self, measure, contestant, turn, values, **about):
        """One sample: values is {name: number} or {name: [numbers]}."""
        row = {"measure": measure, "contestant": contestant, "turn": turn, **about, "values": values, "at": now()}
        self.samples.append(row)
        self._write(row)

    def failed(self, measure, contestant, turn, why, log=""):
        """What a contestant did instead of what was asked; its log is kept beside."""
        name = f"logs/{measure}-{contestant}-{turn}.log"
        if log:
            (self.folder / name).write_text(log)
        row = {"measure": measure, "contestant": contestant, "turn": turn, "failed": str(why), "log": name if log else "", "at": now()}
        self.failures.append(row)
        self._write(row)

    def _write(self, row):
        self.file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.file.flush()


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds")
