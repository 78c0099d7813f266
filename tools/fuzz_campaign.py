#!/usr/bin/env python3
"""Fuzzes all targets in turn for hours of CPU time and keeps the sum: `make fuzz ARGS="--hours 2"`.

Each target gets slices of CPU time, one after the other, so that a campaign can be ended at any moment and goes on where it was. What was spent and
found is added up in <folder>/sums.json; `--table` prints it as the table of docs/security.md. Inputs that crash a target are kept in <folder>/found."""
# SPDX-License-Identifier: Apache-2.0
import argparse
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SANITIZERS = {"ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1:allocator_may_return_null=1", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}


def targets():
    return sorted(p.stem for p in (ROOT / "fuzz").glob("*_fuzz.c"))


def parser_of(name):
    """What the target says of itself: the first words of its first line."""
    line = (ROOT / "fuzz" / f"{name}.c").read_text().splitlines()[0]
    return re.sub(r"^/\* \S+: | \*/$", "", line).split(":")[0]


def load(folder):
    path = folder / "sums.json"
    return json.loads(path.read_text()) if path.exists() else {}


def save(folder, sums):
    new = folder / "sums.json.new"
    new.write_text(json.dumps(sums, indent=1, sort_keys=True))
    new.replace(folder / "sums.json")


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def last(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_for(command, seconds):
    """Runs a target until it has used so much CPU time: on a busy machine, wall time would go by while it only reads its inputs. Gives its status and words."""
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=words, env={**os.environ, **SANITIZERS})
        try:
            while child.poll() is None:
                if cpu_of(child.pid) >= seconds:
                    child.send_signal(signal.SIGUSR1)      # libFuzzer then ends in order
                    child.wait(60)
                time.sleep(0.2)
        finally:
            child.kill()
            child.wait()
        words.seek(0)
        return child.returncode, words.read().decode("utf-8", "replace")


def slice_of(name, folder, seconds):
    """Runs one slice and returns what it adds to the target's sum."""
    grown, found, logs = folder / name, folder / "found", folder / "logs"
    for made in (grown, found, logs):
        made.mkdir(parents=True, exist_ok=True)
    seeds = ROOT / "fuzz/corpus" / name
    dictionary = ROOT / "fuzz" / f"{name}.dict"
    command = [ROOT / "build-fuzz" / name, f"-max_total_time={30 * seconds}", "-timeout=60", "-rss_limit_mb=1500", "-print_final_stats=1", "-reload=0",
               f"-artifact_prefix={found}/{name}-", *([f"-dict={dictionary}"] if dictionary.exists() else []), grown, *([seeds] if seeds.is_dir() else [])]
    before = cpu_of_children()
    status, said = run_for(command, seconds)
    if status:
        with (logs / f"{name}.log").open("a") as log:
            log.write(said[-20000:] + "\n")
    return {"cpu": cpu_of_children() - before, "runs": last(r"number_of_executed_units:\s*(\d+)", said) or last(r"#(\d+)", said),
            "cov": last(r"cov: (\d+)", said), "ft": last(r"ft: (\d+)", said), "crashed": status != 0}


def add(sums, name, more):
    total = sums.setdefault(name, {"cpu": 0, "runs": 0, "cov": 0, "ft": 0, "crashes": 0})
    total["cpu"] += more["cpu"]
    total["runs"] += more["runs"]
    total["cov"], total["ft"] = max(total["cov"], more["cov"]), max(total["ft"], more["ft"])
    total["crashes"] += more["crashed"]


def table(sums):
    rows = ["| target | what it reads | CPU hours | executions | edges, features |", "|---|---|---|---|---|"]
    for name in targets():
        t = sums.get(name, {"cpu": 0, "runs": 0, "cov": 0, "ft": 0})
        rows.append(f"| `{name}` | {parser_of(name)} | {t['cpu'] / 3600:.2f} | {t['runs']:,} | {t['cov']:,}, {t['ft']:,} |")
    all_of = [sums[name] for name in targets() if name in sums]
    rows.append(f"| all | | {sum(t['cpu'] for t in all_of) / 3600:.2f} | {sum(t['runs'] for t in all_of):,} | |")
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=0, help="CPU hours to reach in all, with those that were spent before; 0: one slice for each target")
    parser.add_argument("--slice", type=int, default=60, help="seconds of CPU time for which a target runs before the next one does")
    parser.add_argument("--only", default="", help="targets, separated by commas")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / ".cache/fuzz/campaign", help="where inputs, sums and logs are kept")
    parser.add_argument("--table", action="store_true", help="prints the table of what was spent and ends")
    options = parser.parse_args()
    if options.table:
        print(table(load(options.folder)))
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    crashes = 0
    while True:
        for name in [t for t in targets() if not options.only or t in options.only.split(",")]:
            if not (ROOT / "build-fuzz" / name).exists():
                print(f"{name}: was not built", flush=True)
                continue
            more = slice_of(name, options.folder, options.slice)
            sums = load(options.folder)           # another campaign may write to the same sums
            add(sums, name, more)
            save(options.folder, sums)
            crashes += more["crashed"]
            print(f"{time.strftime('%H:%M:%S')} {name:<20} {more['cpu']:6.1f} s {more['runs']:>10,} runs, cov {more['cov']:,} ft {more['ft']:,}{'  CRASHED' if more['crashed'] else ''}", flush=True)
        spent = sum(t["cpu"] for t in load(options.folder).values()) / 3600
        if spent >= options.hours:
            break
    print(f"{spent:.2f} CPU hours in all; {crashes} slices ended with a crash" + (f", see {options.folder}/found" if crashes else ""))
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
