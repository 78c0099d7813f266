#!/usr/bin/env python3
# mutations.py: shows that the test of exactly once can fail: breaks the code in one way after the other, and says after how many schedules that is seen.
# SPDX-License-Identifier: Apache-2.0
#
#   cmake --build build && python3 tests/tools/mutations.py            all of them; ends with 1 when one is not caught
#   python3 tests/tools/mutations.py --schedules 20000 repeat hole     those whose names hold one of these words
#
# The sources stay as they are: a changed copy is compiled beside them and linked in the place of the original.

import argparse, json, os, re, shlex, subprocess, sys, tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SESSION = "src/session/"

# Name, file, what stands there, what stands there instead.
MUTATIONS = [
    ("an event is acknowledged before the commit", "keep.c",
     "        *list_add(&t->events) = s->unsettled.at[i];\n    list_done(&s->unsettled);",
     "        view_event_done(s->unsettled.at[i].of, s->unsettled.at[i].n), tell_ack(s, s->unsettled.at[i].of);\n    list_done(&s->unsettled);"),
    ("a take-over forgets which events were settled", "keep.c", 'v->taken = v->settled = count_of(one, "settled");', ";"),
    ("a take-over forgets settled events behind a hole", "keep.c", "            view_done_before(v, (uint64_t)count_in(n));", "            (void)n;"),
    ("settled events behind a hole are not saved", "keep.c", "        if (settled_with(s, v, n))\n            json_int(j, (int64_t)n);", "        (void)n;"),
    ("a repeat takes effect again", "event.c",
     "    if (m->n <= v->taken) {", "    if (m->n < v->taken || (m->n == v->taken && view_waits(v, m->n))) {",
     "    if (m->n != v->taken + 1)", "    if (m->n != v->taken + 1 && m->n != v->taken)"),
    ("an event behind a hole takes effect", "event.c", "    if (m->n != v->taken + 1)\n        return; ", "    if (m->n < v->taken + 1)\n        return; "),
    ("what hello says of settled events is ignored", "view.c", "        view_knows(v, mark->settled);", ";"),
    ("a refusal is lost", "frame.c", "    *list_add(&v->refusals) = (refusal){ n, mem_text(why), false };", "    (void)n, (void)why;"),
    ("a refusal is told once, heard or not", "frame.c", "(r->told && !again)", "r->told"),
    ("a refusal is not saved", "keep.c", "            refuse(v, (uint64_t)count_in(n), n->next->valuestring);", "            (void)n;"),
    ("the events of a crash come again", "session.c", "        view_done_before(v, n);", "        (void)v;"),
    ("what a crash took stays shown", "input.c", "            tell_kept(s, p->page, c, p->values.at[i].rev);", "            (void)s;"),
    ("a failed write is not written again", "keep.c", "            all_unsaved(s);\n", ""),
    ("two writes are under way, the second stands on the first", "keep.c", "    s->save_again = s->saving.count > 0;", "    s->save_again = false;"),
    ("a process that lost its session goes on", "keep.c", "        s->fenced = true;", ";"),
    ("what needs no run waits for the run that an older value is owed", "session.c", "            settle_running(s);\n", "            s->running_events.count > 1 ? save(s) : settle_running(s);\n"),
    ("an interrupted run counts as done", "session.c", "    if (cut && !stopped && !for_nobody) {", "    if (false && !for_nobody) {"),
    ("a page that owes a run forgets it at a take-over", "keep.c", "            page_of(s, one->valuestring)->owed = true;", "            page_of(s, one->valuestring)->owed = false;"),
    ("an overtaken value is not told to who typed it", "input.c", "overtaken ? NULL : of", "of"),
    ("a click on one of several counts whatever the page was", "input.c", "(n->same_since > p->frame || (unknown && n->same_count > 1))", "false"),
    ("hello is answered with the newest frame while the page is old", "frame.c", "(current && !values.count) || tail ? (long long)frame : -1", "(long long)page->frame"),
    ("frames are sent again from the wrong one", "frame.c", "    for (int i = ring_from(page, frame); i < page->ring.count; i++)", "    for (int i = ring_from(page, frame) + 1; i < page->ring.count; i++)"),
    ("the text before a click comes after it", "session.c", "    if (p->kind == PENDING_CONSUMED) drop_values(s, p);\n    else apply_values(s, p);", "    if (p->kind == PENDING_CONSUMED) drop_values(s, p);\n    else if (p->kind != PENDING_TRIGGER) apply_values(s, p);"),
    ("a value is not kept behind an older one that is sent again", "outcome.c", "    bool others = frame_tells_value(page, name); ", "    bool others = false; "),
    ("a click made on a page that a crash took counts", "session.c", "    s->first_own = s->first_own ? s->first_own : s->frame;\n", "    s->last_kept = s->first_own = s->frame;\n"),
    ("what a stopped run showed is not bound", "outcome.c", "    replace_bindings(page, r, true);\n", ""),
]


def changed(name, file, pairs):
    text = (ROOT / SESSION / file).read_text()
    for before, after in zip(pairs[::2], pairs[1::2]):
        if text.count(before) != 1:
            sys.exit(f"{name}: {file} holds what is to be changed {text.count(before)} times")
        text = text.replace(before, after)
    return text


def build(folder, work, file, text):
    """The test program with this text in the place of the file."""
    source = ROOT / SESSION / file
    entry = next(e for e in json.loads((folder / "compile_commands.json").read_text()) if Path(e["file"]) == source)
    copy, made, program = work / file, work / "mutated.o", work / "whole_test"
    copy.write_text(text)
    command = shlex.split(entry["command"])
    command = [str(copy) if part == str(source) else str(made) if part == entry.get("output", "") or part.endswith(f"{file}.o") else part for part in command]
    subprocess.run([c for c in command if c != "-Werror"] + ["-w"], cwd=folder, check=True)
    link = subprocess.run(["ninja", "-t", "commands", "tests/whole_test"], cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    link = re.sub(r"-o tests/whole_test\b", f"-o {program} {made}", link)
    subprocess.run(link, shell=True, cwd=folder, check=True)
    return program


def main():
    read = argparse.ArgumentParser()
    read.add_argument("--build", default="build")
    read.add_argument("--schedules", type=int, default=20000)
    read.add_argument("words", nargs="*")
    options = read.parse_args()
    missed = 0
    print("| broken on purpose | seen after schedules | how it shows |\n|---|---|---|")
    for name, file, *pairs in MUTATIONS:
        if options.words and not any(word in name for word in options.words):
            continue
        with tempfile.TemporaryDirectory() as work:
            program = build((ROOT / options.build).resolve(), Path(work), file, changed(name, file, pairs))
            env = dict(os.environ, EASEL_SCHEDULES=str(options.schedules), EASEL_SEED="1", EASEL_ONE_PART="1", EASEL_NO_SHRINK="1")
            done = subprocess.run([program, "every_schedule"], env=env, capture_output=True, text=True, errors="replace")
        found = re.search(r"seed (\d+): ([^\n]*)", done.stdout + done.stderr)
        missed += done.returncode == 0
        what = f"{int(found.group(1))} | {re.sub(r'[|]', '/', found.group(2))[:120]}" if found else "**not seen** | " if done.returncode == 0 else f"? | ended with {done.returncode}"
        print(f"| {name} | {what} |", flush=True)
    return 1 if missed else 0


sys.exit(main())
