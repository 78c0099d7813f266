#!/usr/bin/env python3
# run_tests.py: runs every kind of test and ends with one line, "N passed, N failed".
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tools/run_tests.py                     everything
#   python3 tools/run_tests.py --only asan,node    some kinds; --list names them
#   python3 tools/run_tests.py --only node --match chat    only files and programs with "chat" in their path
#
# A kind of which no test exists is left out. A program that crashes, hangs or runs nothing is a failure. Each failure is
# printed where it happens and again before the last line. The exit status is 0 only when nothing failed.

import argparse
import concurrent.futures
import functools
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from check_layers import ROOMS

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Where threads meet: these run under the thread sanitizer, too. Of the tests of whole programs it runs those of many visitors at once on a real worker, of the
# chat those of its engine in random order: all of them take two minutes there, most of it in llama.cpp, which is not instrumented.
THREADED = {"loop", "net", "store", "chat", "job", "app", "whole"}
THREADED_ONLY = {"whole": "at_once", "chat": "whatever_the_order"}
LEFT_OUT = {"node_modules", ".git", ".cache", "__pycache__"}
# Tests at a time: programs keep a processor busy, files wait now and then. And those that want the machine for themselves: they load it, or what they see
# depends on how soon they get it.
AT_ONCE = max(1, min(4, os.cpu_count() or 1))
FILES_AT_ONCE = AT_ONCE + 1
ALONE = {"storm.test.mjs", "test_crowd.py"}
# These take longest and begin first, so that none of them is left alone in the end.
LONG = ("gallery.test.mjs", "proxies.test.mjs", "sound.test.mjs", "test_run.py", "test_openai.py", "tabs.test.mjs", "chat_script.test.mjs", "chat_events.test.mjs", "cuts.test.mjs", "dist", "soak",
        "abuse.test.mjs", "llama.test.mjs", "chat_failures.test.mjs", "feedback.test.mjs", "pages.test.mjs", "chat (asan)", "exactly once", "whole (asan)", "net (tsan)", "net (asan)")
passed, failures, counting = 0, [], threading.Lock()
spent = threading.local()       # .cpu: seconds of the processor that this thread's commands took since count() told of them
options = argparse.Namespace(match="", jobs="", fuzz_seconds=1)


def say(text):
    print(text, flush=True)


def count(good, bad, what, seconds, output=""):
    """Adds the tests of one step: `good` of them passed, `bad` lists the names of the others."""
    global passed
    cpu, spent.cpu = getattr(spent, "cpu", 0), 0
    with counting:
        passed += good
        failures.extend(f"{what}: {name}" for name in bad)
        say(f"{'ok  ' if not bad else 'FAIL'} {what:<44} {good:>5} passed{f', {len(bad)} failed' if bad else '':<12} {seconds:7.1f} s{f' {cpu:7.1f} s CPU' if cpu else ''}")
        if bad:
            for line in output.rstrip().splitlines()[-120:]:
                say("     | " + line)
            for name in bad:
                say(f"     {what}: {name}")


def wait(child, timeout):
    """Exit status of a process, or None after the timeout. Its CPU time is noted with that of the children that it waited for: of a browser's that is less than half."""
    end = time.monotonic() + timeout
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            spent.cpu = getattr(spent, "cpu", 0) + usage.ru_utime + usage.ru_stime
            return child.returncode
        if time.monotonic() > end:
            return None
        time.sleep(0.01)


def run(command, timeout, env=None, cwd=ROOT):
    """Runs a command with all its children; gives (exit status or None after the timeout, output, seconds)."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as log:
        try:
            child = subprocess.Popen([str(c) for c in command], cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                                     stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        except OSError as error:
            return 127, f"{command[0]}: {error.strerror}", 0.0
        try:
            status = wait(child, timeout)
        finally:
            # What a test leaves behind would disturb the next one.
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
        log.seek(0)
        return status, log.read().decode("utf-8", "replace"), time.monotonic() - began


def together(tests, at_once=AT_ONCE):
    """Runs tests, {name: function that runs and counts it}, several at once, the longest first, and then those that want to be alone."""
    def rank(name):
        return next((i for i, long in enumerate(LONG) if name.endswith(long) or name.startswith(long)), len(LONG))

    def one(name):
        try:
            tests[name]()
        except Exception as error:             # a broken step is a failed test, and the others still run
            count(0, [f"{type(error).__name__}: {error}"], name, 0)

    alone = [name for name in tests if pathlib.Path(name).name in ALONE]
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, sorted(tests.keys() - alone, key=lambda name: (rank(name), name))))
    for name in alone:
        one(name)


def ending(status, timeout):
    if status is None:
        return f"no end after {timeout} s"
    if status < 0:
        return f"died of {signal.Signals(-status).name}"
    return f"exit status {status}"


def find(*patterns, under=("tests",)):
    found = []
    for folder in under:
        for pattern in patterns:
            found += [p for p in (ROOT / folder).rglob(pattern) if not LEFT_OUT & set(p.relative_to(ROOT).parts)]
    return sorted(p for p in set(found) if not options.match or options.match in str(p.relative_to(ROOT)))


# ---- one function per kind ----


def layers():
    status, output, seconds = run([sys.executable, "tools/check_layers.py"], 120)
    mistakes = [line for line in output.splitlines() if re.match(r"[^ ]*:\d+: ", line) and not line.endswith("(warning)")]
    checked = re.search(r"^(\d+) files checked", output, re.M)
    if status and not mistakes:
        mistakes = [ending(status, 120)]
    count(0 if mistakes or not checked else 1, mistakes, "layers", seconds, "" if checked else output)


def gen():
    """Generates in a copy of the tree, so that nothing here changes while somebody works on it."""
    if not (ROOT / "tools/gen.py").exists():
        return
    began = time.monotonic()
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.decode().split("\0")
    with tempfile.TemporaryDirectory() as folder:
        before = {}
        for name in filter(None, names):
            source, copy = ROOT / name, pathlib.Path(folder, name)
            if source.is_file():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, copy)
                before[name] = copy.read_bytes()
        status, output, _ = run(["sh", "-c", '"$0" tools/gen.py && "$0" tools/gen_api.py && "$0" tools/gen_clients.py', sys.executable], 120, cwd=folder)
        after = {str(p.relative_to(folder)): p.read_bytes() for p in pathlib.Path(folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    bad = [f"{n} is not what `make gen` writes; run `make gen` and commit it" for n in sorted(before.keys() | after.keys()) if before.get(n) != after.get(n)]
    if status != 0:
        bad.append("make gen: " + ending(status, 120))
    count(not bad, bad, "gen", time.monotonic() - began, output)


def build(preset, targets=()):
    """Configures and builds; true when all of it stands. A broken build is one failure, what was built is still tested."""
    folder = ROOT / ("build" if preset == "default" else f"build-{preset}")
    status, output, seconds = 0, "", 0.0
    if not (folder / "build.ninja").exists():
        status, output, seconds = run(["cmake", "--preset", preset], 180)
    if status == 0:
        status, output, more = run(["cmake", "--build", folder, *(["-j", options.jobs] if options.jobs else []), *(["--target", *targets] if targets else []),
                                    "--", "-k", "0"], 900)
        seconds += more
    if status != 0:
        output = "\n".join(line for line in output.splitlines() if not re.match(r"\[\d+/\d+\] (Building|Linking)", line))
        count(0, [ending(status, 900)], f"build {preset}", seconds, output)
    else:
        cpu, spent.cpu = getattr(spent, "cpu", 0), 0
        say(f"ok   build {preset:<60} {seconds:7.1f} s{f' {cpu:7.1f} s CPU' if cpu else ''}")
    return status == 0


def cmocka(status, output, timeout):
    """(passed, what failed) of a test program, whether it ended well, badly or not at all."""
    good = set(re.findall(r"^\[       OK \] (\S+)$", output, re.M))
    bad = sorted(set(re.findall(r"^\[  FAILED  \] ([^\s:]+)$", output, re.M)) | set(re.findall(r"^\[  ERROR   \] (?:--- )?(\w+)$", output, re.M)))
    started = re.findall(r"^\[ RUN      \] (\S+)$", output, re.M)
    if status != 0 and not bad:
        open_test = started[-1] if started and started[-1] not in good else None
        bad = [f"{open_test}: {ending(status, timeout)}" if open_test else f"{ending(status, timeout)} after the last test"]
    elif status == 0 and not good:
        bad = ["ran no test"]
    return len(good - set(bad)), bad


def c_program(binary, env, timeout, only=()):
    """(passed, names that failed, seconds, output) of one test program."""
    if not binary.exists():
        return 0, ["was not built"], 0, ""
    status, output, seconds = run([binary, *only], timeout, env)
    return *cmocka(status, output, timeout), seconds, output


def tests_of_rooms():
    """Names of the test programs that the sources ask for."""
    names = [room for room in ROOMS if find("*_test.c", under=(f"src/{room}",))]
    if find("*_test.c", under=("elements",)):
        names.append("elements")
    if find("*_test.c", under=("tests", "cli")):
        names.append("whole")
    return names


SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:handle_abort=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "LSAN_OPTIONS": "report_objects=0",
    "TSAN_OPTIONS": "halt_on_error=0:die_after_fork=0:second_deadlock_stack=1:exitcode=66:suppressions=" + str(ROOT / "tools/tsan.supp"),
}


def twice(what, once, may=lambda output: True):
    """What a run gives; of one that failed, and that may, a second run. The first is told all the same, so that a test that often needs this is seen; what fails twice has failed."""
    result = once()
    _, bad, _, output = result
    if bad and may(output):
        say(f"again {what}: failed in the first run: {', '.join(bad)}")
        result = once()
    return result


def cmocka_failures(output):
    """What failed comes last, where it is seen: a test that fails leaves memory behind, of which a sanitizer says much."""
    failed = [line for line in output.splitlines() if re.search(r"^\[  (ERROR|FAILED)|still not|: error: |SUMMARY: ", line)]
    return output + "\n" + "\n".join(failed)


def c_tests(preset, names, only={}):
    """Builds them, and gives what is to be run. A program that waited too long runs once more, as a busy machine may be the reason; that is told. What else fails has failed."""
    if not names or not (ROOT / "src/base/test_main.c").exists():
        return {}
    build(preset, [f"{name}_test" for name in names])

    def test(name):
        once = functools.partial(c_program, ROOT / f"build-{preset}/tests/{name}_test", SANITIZERS, 400, [only[name]] if name in only else [])
        good, bad, seconds, output = twice(f"{name} ({preset})", once, lambda output: re.search(r"after \d+ s still not: ", output))
        count(good, bad, f"{name} ({preset})", seconds, cmocka_failures(output))

    return {f"{name} ({preset})": functools.partial(test, name) for name in names}


def asan():
    return c_tests("asan", tests_of_rooms())


def tsan():
    return c_tests("tsan", [name for name in tests_of_rooms() if name in THREADED], THREADED_ONLY)


def headers():
    """Public headers and what users would write, on every compiler that we promise."""
    compilers = [("gcc", ["-std=c11"]), ("clang", ["-std=c11"]), ("g++", ["-x", "c++", "-std=c++20"]), ("clang++", ["-x", "c++", "-std=c++20"]), ("tcc", None)]
    # An example that includes what the build makes is compiled there.
    examples = [e for e in find("*.c", under=("examples",)) if not re.search(r'^#include "', e.read_text(), re.M)]
    sources = find("*.c", under=("tests/headers",)) + examples + find("demo.c", under=("elements",))
    alone = [] if options.match else sorted((ROOT / "include/easel").glob("*.h"))
    if not sources and not alone:
        return
    began, tried = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for source in sources + alone:
            target = source
            if source.suffix == ".h":
                target = pathlib.Path(folder, f"{source.stem}.c")
                target.write_text(f"#include <easel/{source.name}>\nint easel_alone(void);\nint easel_alone(void) {{ return 0; }}\n")
            for name, flags in compilers:
                # C++ is promised for headers and for the programs kept in tests/headers; examples are C.
                if "++" in name and source.suffix == ".c" and "tests" not in source.parts[len(ROOT.parts):]:
                    continue
                strict = ["-Wall", "-Werror", "-c", "-o", f"{folder}/{len(tried)}.o"] if flags is None else [*flags, "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
                command = [name, *strict, f"-I{ROOT}/include", f"-I{ROOT}/include/easel", target]
                tried.append((f"{source.relative_to(ROOT)} by {name}", pool.submit(run, command, 60)))
    bad = [what for what, result in tried if result.result()[0] != 0]
    log = "".join(result.result()[1] for _, result in tried if result.result()[0] != 0)
    good = len(tried) - len(bad)
    count(good, bad, "headers", time.monotonic() - began, log)


def tsc():
    """Types of the scripts, and a bundle without warnings."""
    if not find("*.ts", under=("web/core", "elements")):
        return
    with tempfile.TemporaryDirectory() as folder:
        status, output, seconds = run(["node", "web/build.mjs", "--out", folder, "--check"], 180)
    bad = re.findall(r"^(\S+\(\d+,\d+\): error .*)$", output, re.M) + re.findall(r"(\[(?:WARNING|ERROR)\] .*)$", output, re.M)
    bad = bad or ([ending(status, 180)] if status else [])
    count(not bad, bad, "tsc", seconds, output)


def tap(output):
    """(passed, names that failed) of node's TAP. A suite fails when one of its tests does; only the tests are counted."""
    numbers = {k: int(v) for k, v in re.findall(r"^# (tests|pass|fail|cancelled|skipped|todo) (\d+)$", output, re.M)}
    bad, lines = [], output.splitlines()
    for i, line in enumerate(lines):
        found = re.match(r"\s*not ok \d+ - (.*)$", line)
        if not found or re.search(r"# (TODO|SKIP)", line):
            continue
        details = "\n".join(lines[i + 1:i + 12])
        if "type: 'suite'" in details or "subtestsFailed" in details:
            continue
        bad.append(found.group(1))
    wanted = numbers.get("fail", 0) + numbers.get("cancelled", 0)
    # Node counts a file without tests as one that passed.
    named = set(re.findall(r"# Subtest: (.*)", output))
    if named and all(name.endswith(".mjs") for name in named) and not bad:
        return 0, []
    return numbers.get("pass", 0), bad if bad or not wanted else [f"{wanted} tests"]


def tap_failures(output):
    """Of node's output only what explains the failures; all of it when nothing does."""
    kept, lines, at = [], output.splitlines(), 0
    while at < len(lines):
        if re.match(r"\s*not ok ", lines[at]):
            end = next((i for i in range(at, len(lines)) if lines[i].strip() == "..."), len(lines) - 1)
            kept += lines[at:min(end, at + 60) + 1]
            at = end
        at += 1
    return "\n".join(kept) or output


def servers_environment():
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
    return {"EASEL_BUILD": str(ROOT / "build"), "EASEL_SOURCE": str(ROOT), "CHROMIUM": chromium, "CHROMIUM_SHELL": shutil.which("chromium-headless-shell") or ""}


def node_file(file):
    """(passed, names that failed, seconds, output) of one file."""
    status, output, seconds = run(["node", "--test", "--test-reporter=tap", file], 600, servers_environment(), cwd=file.parent)
    good, bad = tap(output)
    if status != 0 and not bad:
        bad = [ending(status, 600)]
    elif not good and not bad:
        bad = ["ran no test"]
    return good, bad, seconds, output


def node_twice(file):
    """A browser's time limits depend on how busy the machine is, and a test of a chat on what the model says."""
    return twice(file.relative_to(ROOT), functools.partial(node_file, file))


def files(found, work, shown=lambda output: output):
    """Files of tests, {name: function}."""
    def test(file):
        good, bad, seconds, output = work(file)
        count(good, bad, str(file.relative_to(ROOT)), seconds, shown(output))

    return {str(file): functools.partial(test, file) for file in found}


def node():
    return files(find("*.test.mjs", under=("tests", "web", "elements")), node_twice, tap_failures)


def python_file(file):
    status, output, seconds = run([ROOT / ".cache/venv/bin/python", file], 600, {**servers_environment(), "PYTHONUNBUFFERED": "1"})
    # Either lines "ok NAME" and "not ok NAME", or what unittest prints.
    good = len(re.findall(r"^ok\b", output, re.M))
    bad = re.findall(r"^not ok\b[ \d-]*(.*)$", output, re.M) + re.findall(r"^(?:FAIL|ERROR): (.*)$", output, re.M)
    ran = re.search(r"^Ran (\d+) tests?", output, re.M)
    if ran:
        good += max(0, int(ran.group(1)) - len(bad))
    if status != 0 and not bad:
        bad = [ending(status, 600)]
    elif not good and not bad:
        bad = ["ran no test"]
    return good, bad, seconds, output


def python():
    return files(find("test_*.py", under=("tests", "bench")), python_file)


def soak():
    """Visitors come, work and leave for a while; memory, descriptors and threads come back. It waits most of the time."""
    script = ROOT / "tests/soak/soak.py"
    if options.match and options.match not in "tests/soak/soak.py":
        return {}

    def test():
        status, output, seconds = run([sys.executable, script], 240, servers_environment())
        good, bad = len(re.findall(r"^ok ", output, re.M)), re.findall(r"^not ok (.*)$", output, re.M)
        count(good, bad or ([] if status == 0 else [ending(status, 240)]), "soak", seconds, output)

    return {"soak": test}


def fuzz():
    targets = find("*_fuzz.c", under=("fuzz",))
    if not targets:
        return {}
    build("fuzz", [target.stem for target in targets])
    kept = ROOT / ".cache/fuzz"

    def test(name):
        binary, label, limit = ROOT / "build-fuzz" / name, f"fuzz {name}", options.fuzz_seconds
        if not binary.exists():
            count(0, ["was not built"], label, 0)
            return
        # New inputs stay in the cache; the checked-in corpus is only read.
        grown, found = kept / name, kept / "found"
        for folder in (grown, found):
            folder.mkdir(parents=True, exist_ok=True)
        seeds = [p for p in (ROOT / "fuzz/corpus" / name,) if p.is_dir()]
        status, output, seconds = run([binary, f"-max_total_time={limit}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={found}/{name}-",
                                       grown, *seeds], limit + 60, SANITIZERS)
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
        bad = [f"{ending(status, limit + 60)}; the input is in {found.relative_to(ROOT)}/"] if status != 0 else [] if runs and int(runs.group(1)) else ["ran nothing"]
        count(not bad, bad, f"{label}, {runs.group(1) if runs else 0} runs", seconds, output)

    return {f"fuzz {target.stem}": functools.partial(test, target.stem) for target in targets}


def model():
    """What the chat's tests ask: a real model, fetched once."""
    if (ROOT / "src/chat").is_dir() and (ROOT / "tools/fetch_model.sh").exists():
        status, output, seconds = run(["sh", "tools/link_model.sh", "--strict"], 600)
        count(status == 0, [] if status == 0 else ["model or llama.cpp could not be fetched"], "model", seconds, output)


def default():
    """The programs that browsers and clients meet; and the schedules of exactly once, of which the sanitizers' builds play a hundredth."""
    build("default")
    if options.match and options.match not in "tests/loopback/once_test.c":
        return {}

    def test():
        good, bad, seconds, output = c_program(ROOT / "build/tests/whole_test", {}, 400, ["every_schedule"])
        count(good, bad, "exactly once, 100,000 schedules", seconds, output)

    return {"exactly once": test}


def listens(program):
    """Why a program does not do what every Easel program does first, or None."""
    with tempfile.TemporaryDirectory() as data:
        child = subprocess.Popen([program, "--port", "0", "--data", data], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 start_new_session=True)
        timer = threading.Timer(20, child.kill)
        timer.start()
        try:
            line = child.stdout.readline().decode("utf-8", "replace").strip()
            where = re.fullmatch(r"Easel is listening on (http://127\.0\.0\.1:\d+/)", line)
            if not where:
                return f"its first line is {line!r}"
            with urllib.request.urlopen(where.group(1), timeout=20) as page:
                return None if page.status == 200 and b"<h1" in page.read() else "its page has no <h1>"
        except OSError as error:
            return f"its page does not come: {error}"
        finally:
            timer.cancel()
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
            child.stdout.close()


def dist():
    """Easel as others get it: easel.h and easel.c, and installed for find_package."""
    hello = ROOT / "examples/hello.c"
    if options.match or not hello.exists() or not (ROOT / "src/app").is_dir():
        return {}
    return {"dist": functools.partial(dist_ways, hello)}


def dist_ways(hello):
    packages = "libuv sqlite3 libcjson md4c libxxhash zlib".split()
    flags = {what: subprocess.run(["pkg-config", what, *packages], capture_output=True, text=True, check=False).stdout.split() for what in ("--cflags", "--libs")}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for project, how in (("app", "find_package(easel REQUIRED)"), ("inside", f"add_subdirectory({ROOT} easel)")):
            (folder / project).mkdir()
            (folder / project / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.25)\nproject(app LANGUAGES C)\n{how}\n"
                                                             f"add_executable(app {hello})\ntarget_link_libraries(app PRIVATE easel::easel)\n")
        ways = {
            "one file": ([["cmake", "--build", "build", "--target", "easel_all"], [sys.executable, "tools/amalgamate.py", folder / "dist"],
                          ["gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-c", folder / "dist/easel.c", "-o", folder / "easel.o", *flags["--cflags"]],
                          ["gcc", "-rdynamic", f"-I{folder}/dist", "-include", folder / "dist/easel.h", hello, f"-I{ROOT}/include", folder / "easel.o",
                           *flags["--libs"], "-ldl", "-lm", "-lpthread", "-o", folder / "one"]], folder / "one"),
            "find_package": ([["cmake", "--install", "build", "--prefix", folder / "usr"],
                              ["cmake", "-S", folder / "app", "-B", folder / "app/build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={folder}/usr"],
                              ["cmake", "--build", folder / "app/build"]], folder / "app/build/app"),
            "add_subdirectory": ([["cmake", "-S", folder / "inside", "-B", folder / "inside/build", "-G", "Ninja"],
                                  ["cmake", "--build", folder / "inside/build"]], folder / "inside/build/app"),
        }
        for way, (commands, program) in ways.items():
            began, why, output = time.monotonic(), None, ""
            for command in commands:
                status, output, _ = run(command, 300)
                if status != 0:
                    why = f"{command[0]} {command[1]}: {ending(status, 300)}"
                    break
            why = why or listens(program)
            count(not why, [why] if why else [], f"dist {way}", time.monotonic() - began, output)


# Kinds that give what is to be run, {name: function}. Those of one row run side by side.
PROGRAMS, FILES = ("default", "asan", "tsan", "fuzz"), ("node", "python", "soak", "dist")
KINDS = {"layers": layers, "gen": gen, "headers": headers, "tsc": tsc, "model": model, "default": default, "asan": asan, "tsan": tsan, "fuzz": fuzz, "node": node, "python": python, "soak": soak,
         "dist": dist}


def collect(kind):
    """What a kind gives to be run, after what it does at once: checks, builds."""
    try:
        return KINDS[kind]() or {}
    except Exception as error:  # a broken step is a failed test, and the others still run
        count(0, [f"{type(error).__name__}: {error}"], kind, 0)
        return {}


def main():
    global options
    parser = argparse.ArgumentParser(description="Runs every kind of test.")
    parser.add_argument("--only", default="", help="kinds, separated by commas")
    parser.add_argument("--match", default="", help="only files with this in their path")
    parser.add_argument("--fuzz-seconds", type=int, default=1, help="for each target; `make fuzz` is for more")
    parser.add_argument("--jobs", default="")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        say(" ".join(KINDS))
        return 0
    wanted = [k for k in options.only.split(",") if k] or list(KINDS)
    for kind in wanted:
        if kind not in KINDS:
            parser.error(f"--only {kind}: there is no such kind; the kinds are {' '.join(KINDS)}")
    began = time.monotonic()
    for row, kinds in itertools.groupby(wanted, key=lambda kind: next((row for row in (PROGRAMS, FILES) if kind in row), None)):
        found = {}
        # Two builds at a time: while one configures itself or links its last program, the other compiles.
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for some in pool.map(collect, kinds):
                found.update(some)
        together(found, FILES_AT_ONCE if row == FILES else AT_ONCE)
    if failures:
        say("\nFailed:")
        for failure in failures:
            say("  " + failure)
    say(f"\n{time.monotonic() - began:.0f} s")
    say(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
