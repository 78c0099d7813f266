#!/usr/bin/env python3
# check_layers.py: fails when a folder includes one further down the house, and on the other rules a machine can check.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tools/check_layers.py [TREE]
#
# One line per mistake, with file and line, so that an editor jumps there. Only the standard library is used.

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if __name__ == "__main__" and len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
# The order of the rooms is said once, where they are built.
ROOMS = re.search(r"set\(EASEL_ROOMS ([a-z ]+)\)", (pathlib.Path(__file__).parent.parent / "CMakeLists.txt").read_text()).group(1).split()
READS_GEN = {"page", "app", "gen"}                   # the generated tables are read at two doors
ELEMENTS_READ = {"base", "page", "gen"}
ROOT_ENTRIES = 20
LINES_WARN, LINES_FAIL = 800, 900
CODE = {".c", ".h", ".ts", ".css", ".mjs", ".py", ".sh", ".cmake"}
TEXT = CODE | {".md", ".toml", ".json", ".txt", ".in", ".html", ".yml", ""}
GENERATED = re.compile(r"^(src/gen/(?!assets\.h)|include/easel/elements\.h|docs/(reference|c-api|options)|gallery/)|package-lock\.json$|^LICENSE$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Written in pieces, so that this file does not find itself.
PLACES = re.compile("(?<![\\w.~-])/(?:wo" + "rk|ro" + "ot|ho" + "me/\\w+)/[\\w.]")
HOSTS = re.compile("https?://[^/\\s\"'<>)]*(?:registry|npm" + "js|py" + "pi|python" + "hosted|artifactory|nexus|mirror)[^\\s\"'<>)]*", re.I)


def files():
    """What git has or would take; without git, everything that is not made by a command."""
    try:
        out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        return sorted({f for f in out.decode().split("\0") if f and (ROOT / f).is_file()})
    except (OSError, subprocess.CalledProcessError):
        found = []
        for folder, names, here in os.walk(ROOT):
            names[:] = [n for n in names if n not in ("node_modules", ".git", ".cache", "__pycache__") and not n.startswith("build")]
            found += [str((pathlib.Path(folder) / f).relative_to(ROOT)) for f in here]
        return sorted(found)


def target(file, kind, name):
    """The parts of an included file's path, seen from the root: ("src", "page", "tree.h"), or None for a system header."""
    if name.startswith("easel/"):
        return ("include", "easel")
    if kind == "<":
        return None
    for base in ((ROOT / file).parent, ROOT / "src", ROOT / "include", ROOT / "elements", ROOT):
        path = pathlib.Path(os.path.normpath(base / name))
        if path.exists() and path.is_relative_to(ROOT):
            return path.relative_to(ROOT).parts
    # A header made at build time, or one that is not there, which the compiler tells better.
    return ("src", name.split("/")[0]) if name.split("/")[0] in ROOMS else None


def include_mistake(file, there):
    """Why this file may not include something of that folder, or None."""
    here = pathlib.PurePath(file).parts
    if there is None or there[0] in ("include", ".cache"):
        return None
    if here[0] == "src":
        if there[0] != "src":
            return f"src/{here[1]} includes {there[0]}/, which stands on src/; turn the dependency round"
        if there[1] == "gen":
            return None if here[1] in READS_GEN else f"src/{here[1]} includes src/gen; only {' and '.join(sorted(READS_GEN - {'gen'}))} read the generated tables"
        if here[1] in ROOMS and there[1] in ROOMS and ROOMS.index(there[1]) > ROOMS.index(here[1]):
            return f"src/{here[1]} includes src/{there[1]}, which stands further down: {' '.join(ROOMS)}"
    elif here[0] == "elements":
        if there[0] == "src" and there[1] not in ELEMENTS_READ:
            return f"an element includes src/{there[1]}; elements read {', '.join(sorted(ELEMENTS_READ))} and public headers"
        if here[-1] == "demo.c":
            return "a demo is what a user would write: it includes <easel/easel.h> alone"
    elif here[0] in ("examples", "gallery") and there[0] == "src":
        return f"{here[0]}/ is what a user would write: it includes public headers alone"
    elif here[0] == "include":
        return "a public header includes public headers alone"
    return None


def check_file(file, mistakes, warnings):
    suffix = pathlib.PurePath(file).suffix
    if suffix not in TEXT:
        return
    try:
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        if suffix in CODE:
            mistakes.append(f"{file}:1: is not UTF-8")
        return
    for number, line in enumerate(lines, 1):
        include = INCLUDE.match(line) if suffix in (".c", ".h") else None
        if include:
            why = include_mistake(file, target(file, *include.groups()))
            if why:
                mistakes.append(f"{file}:{number}: {why}")
        for found in filter(None, (PLACES.search(line), HOSTS.search(line))):
            mistakes.append(f"{file}:{number}: '{found.group()}' is true on one machine only")
    if GENERATED.search(file):
        return
    if suffix in CODE and len(lines) > LINES_WARN:
        (mistakes if len(lines) > LINES_FAIL else warnings).append(f"{file}:1: {len(lines)} lines; a file holds about {LINES_WARN}, at most {LINES_FAIL}")
    if suffix in CODE and lines and not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:40]):
        mistakes.append(f"{file}:1: the first lines say what the file is for and carry 'SPDX-License-Identifier: Apache-2.0'")


def main():
    mistakes, warnings, names = [], [], files()
    for file in names:
        check_file(file, mistakes, warnings)
    # Hidden entries belong to tools; a reader does not see them.
    root = sorted({pathlib.PurePath(f).parts[0] for f in names} - {f for f in os.listdir(ROOT) if f.startswith(".")})
    if len(root) > ROOT_ENTRIES:
        mistakes.append(f".:1: the root has {len(root)} entries, {ROOT_ENTRIES} are allowed: {' '.join(root)}")
    for line in warnings:
        print(f"{line} (warning)")
    for line in mistakes:
        print(line)
    print(f"{len(names)} files checked, {len(mistakes)} mistakes")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
