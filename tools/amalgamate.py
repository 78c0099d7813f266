#!/usr/bin/env python3
# amalgamate.py: the whole library as easel.h and easel.c, with browser assets and llhttp inside.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tools/amalgamate.py OUT [BUILD]        after `make build`; `make dist` does both
#
# A user needs a C compiler and the libraries named at the top of easel.c, but neither CMake, Node nor Python. Files are
# joined in the order of the house. Two things keep names apart in the one large file: what two files both call by the
# same private name is renamed in each, and what is public between our files gets a prefix, as libeasel.a hides it.

import collections
import pathlib
import re
import subprocess
import sys

from check_layers import ROOMS

ROOT = pathlib.Path(__file__).resolve().parent.parent
LLHTTP = [pathlib.Path("/usr/share/llhttp") / n for n in ("api.c", "http.c", "llhttp.c")]
LLHTTP_H = pathlib.Path("/usr/share/include/llhttp/llhttp.h")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"].*$', re.M)
WORD = re.compile(r"[A-Za-z_]\w*")
# Strings, characters and comments are copied as they are when names change.
PIECE = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*|(?:\.|->)\s*[A-Za-z_]\w*|[A-Za-z_]\w*', re.S)

HEAD = """/* easel.c: the whole of Easel in one file. It goes with the easel.h beside it.
 *
 *     cc -O2 -c easel.c $(pkg-config --cflags libuv sqlite3 libcjson md4c libxxhash zlib)
 *     cc -O2 -rdynamic app.c easel.o $(pkg-config --libs libuv sqlite3 libcjson md4c libxxhash zlib) -ldl -lm -lpthread -o app
 *
 * Written by tools/amalgamate.py; change the files that it names, not this one.
 * llhttp, which is part of this file, is Copyright Fedor Indutny, 2018, MIT licence; everything else is Apache-2.0. */
/* SPDX-License-Identifier: Apache-2.0 AND MIT */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "easel.h"
"""


def fail(message):
    sys.exit("amalgamate.py: " + message)


def public_header():
    seen = set()

    def inline(path):
        def replace(match):
            if not match.group(2).startswith("easel/"):
                return match.group()
            other = ROOT / "include" / match.group(2)
            if other in seen:
                return ""
            seen.add(other)
            return inline(other)
        return INCLUDE.sub(replace, path.read_text())

    seen.add(ROOT / "include/easel/easel.h")
    return inline(ROOT / "include/easel/easel.h"), seen


class Tree:
    """Our files, what each includes, and their texts with names kept apart."""

    def __init__(self, files, changed):
        self.texts, self.includes, self.order = {}, {}, []
        self.renamed = collections.defaultdict(set)
        for file in files:
            self.read(file, changed)
        self.keep_apart()

    def read(self, file, changed):
        if file in self.texts:
            return
        self.texts[file] = changed.get(file) or file.read_text()
        self.includes[file] = [other for _, name in INCLUDE.findall(self.texts[file]) if (other := self.find(file, name))]
        for other in self.includes[file]:
            self.read(other, changed)
        self.order.append(file)

    @staticmethod
    def find(file, name):
        if name.startswith("easel/"):
            return None
        for folder in (file.parent, ROOT / "src", ROOT / "elements", ROOT):
            if (folder / name).is_file():
                return (folder / name).resolve()
        return LLHTTP_H if name == "llhttp.h" else None

    def readers(self, header):
        """The header and every file that includes it, straight or by another header."""
        found, more = {header}, {header}
        while more:
            more = {f for f, others in self.includes.items() if more & set(others)} - found
            found |= more
        return found

    def keep_apart(self):
        owners = collections.defaultdict(list)
        for file, text in self.texts.items():
            for name in own_names(text):
                owners[name].append(file)
        links = {file: functions(text) for file, text in self.texts.items()}
        taken = system_names()
        reach = {file: self.readers(file) for files in owners.values() if len(files) > 1 for file in files}
        changes = collections.defaultdict(dict)
        for name, files in owners.items():
            # Owners that one file reads together mean the same thing: a type declared here and completed there. So do those
            # whom the linker would join.
            things = []
            for file in files if len(files) > 1 else ():
                linked = name in links[file]
                met = [t for t in things if t["readers"] & reach[file] or linked and t["linked"]]
                things = [t for t in things if t not in met]
                things.append({"first": file, "readers": reach[file].union(*(t["readers"] for t in met)), "linked": linked or any(t["linked"] for t in met)})
            # The most widely read thing keeps the name; each other one's readers say it differently.
            if len(files) == 1 and name in taken:
                things = [{"first": None, "readers": ()}, {"first": files[0], "readers": self.readers(files[0])}]
            for thing in sorted(things, key=lambda t: (t["first"] is not None, -len(t["readers"]), str(t["first"])))[1:]:
                new = f"{name}_{self.order.index(thing['first'])}"
                self.renamed[name].add(new)
                for reader in thing["readers"]:
                    changes[reader][name] = new
        for file, names in changes.items():
            self.texts[file] = rename(self.texts[file], names)


class Whole:
    def __init__(self, tree):
        self.tree = tree
        self.out = [HEAD]
        self.seen = set()

    def headers(self, file):
        """Puts what a file includes before it, each header once, and gives the text without those lines."""
        def replace(match):
            other = Tree.find(file, match.group(2))
            if other is None:
                if not match.group(2).startswith("easel/"):
                    self.out.append(match.group() + "\n")
            elif other not in self.seen:
                self.seen.add(other)
                self.add(other, self.headers(other))
            return ""
        return INCLUDE.sub(replace, self.tree.texts[file])

    def add(self, file, text):
        name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else f"llhttp/{file.name}"
        self.out.append(f"\n/* ==== {name} ==== */\n{text.strip()}\n")


def functions(text):
    """Functions that other files may call, declared or defined."""
    return set(re.findall(r"^(?!static\b|typedef\b|extern\b|return\b|else\b)[A-Za-z_][\w \t*]*?\b(\w+)\(", text, re.M))


def own_names(text):
    """Names that a file brings into the world, declared at the left margin, as the code style has it: not those it only repeats."""
    names = set(re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", text, re.M))
    names |= functions(text)
    names |= set(re.findall(r"^(?:static|_Thread_local)\b[^;={]*?\b(\w+)\s*\(", text, re.M))
    names |= set(re.findall(r"^static\b[^(;={]*?\b(\w+)\s*(?:\[[^;=]*\])*\s*(?:=|;|,)", text, re.M))
    names |= set(re.findall(r"^(?:typedef )?(?:static )?(?:const )?(?:struct|enum|union)\s+(\w+)\s*\{", text, re.M))
    names |= set(re.findall(r"^\}\s*(\w+)\s*;", text, re.M))
    names |= set(re.findall(r"^typedef\b[^{;]*?\b(\w+)\s*;", text, re.M))
    names |= set(re.findall(r"^typedef\b[^;{]*\(\s*\*?\s*(\w+)\s*\)\s*\(", text, re.M))
    for body in re.findall(r"^(?:typedef )?(?:static )?enum(?:\s+\w+)?\s*\{(.*?)\}", text, re.M | re.S):
        names |= set(re.findall(r"(?:^|,|\{)\s*(?:/\*.*?\*/\s*)*([A-Z_]\w*)", body, re.S))
    return names - {"static", "const", "struct", "enum", "union", "void"}


def bodies(text):
    """Where the members of structs and unions stand: pairs of positions."""
    found = []
    for start in re.finditer(r"\b(?:struct|union)\b\s*\w*\s*\{", text):
        depth, at = 1, start.end()
        while depth and at < len(text):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        found.append((start.end(), at))
    return found


def rename(text, names):
    """Says the words of `names` differently, but not where they are members, which no other file can meet."""
    inside = bodies(text)

    def replace(match):
        word = match.group()
        if word not in names:
            return word
        after = text[match.end():match.end() + 40].lstrip()
        if any(a <= match.start() < b for a, b in inside) and (after[:1] in (";", ",", "[", ":") or (after[:1] == ")" and text[:match.start()].rstrip().endswith("(*"))):
            return word
        return names[word]
    return PIECE.sub(replace, text)


def system_names():
    """What the C library calls its own: a private function may have such a name in a file that does not include the header."""
    names = set()
    for library in ("libc.so.6", "libm.so.6"):
        path = subprocess.run(["gcc", f"-print-file-name={library}"], capture_output=True, text=True, check=True).stdout.strip()
        listing = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True, text=True, check=True).stdout
        names |= {line.split()[-1].split("@")[0] for line in listing.splitlines()}
    return names


def shared_names(archive):
    """What our files share and no user may meet: symbols of the library that are not public."""
    listing = subprocess.run(["nm", "--defined-only", "-g", str(archive)], capture_output=True, text=True, check=True).stdout
    names = {line.split()[2] for line in listing.splitlines() if len(line.split()) == 3}
    return sorted(n for n in names if not n.startswith("ez_") and WORD.fullmatch(n))


def main():
    if len(sys.argv) < 2:
        fail("usage: python3 tools/amalgamate.py OUT [BUILD]")
    out = pathlib.Path(sys.argv[1])
    build = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "build"
    assets, archive = build / "generated/assets.c", build / "rooms/libeasel_all.a"
    for needed in (assets, archive, LLHTTP_H, *LLHTTP):
        if not needed.is_file():
            fail(f"{needed} is missing; run `make` first")

    files = [f for room in ROOMS for f in sorted((ROOT / "src" / room).rglob("*.c"))]
    files += [f for f in sorted((ROOT / "elements").rglob("*.c")) if f.name != "demo.c"]
    files = [f for f in files if not f.name.endswith("_test.c") and f.name != "test_main.c"] + [assets]
    # llhttp.c declares its callbacks for unsigned characters, api.c defines them for plain ones: fine in two files, not in one.
    mended = re.sub(r"^int llhttp__\w+\(\s*llhttp__internal_t\* s, const unsigned char\* p,\s*const unsigned char\* endp\);", "", LLHTTP[2].read_text(), flags=re.M)
    files = [f.resolve() for f in files] + LLHTTP
    tree = Tree(files, {LLHTTP[2]: mended})

    header, public = public_header()
    whole = Whole(tree)
    whole.seen |= public
    whole.out.append("\n/* Names that our files share get a prefix, so that they never meet those of a program. */\n")
    shared = shared_names(archive)
    shared += sorted(new for name in shared for new in tree.renamed.get(name, ()))
    whole.out += [f"#define {n} easel_in_{n}\n" for n in shared]
    for file in files:
        if file is LLHTTP[0]:
            whole.out.append("\n" + "".join(f'#pragma GCC diagnostic ignored "-W{w}"\n' for w in ("unused-parameter", "pedantic", "pointer-sign", "sign-compare")))
        text = whole.headers(file)
        whole.add(file, text)
        whole.out += [f"#undef {m}\n" for m in sorted(set(re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", text, re.M)))]

    out.mkdir(parents=True, exist_ok=True)
    (out / "easel.h").write_text(header)
    (out / "easel.c").write_text("".join(whole.out))
    (out / "LICENSE").write_text((ROOT / "LICENSE").read_text())
    print(f"{out}/easel.h {len(header) // 1024} kB, {out}/easel.c {sum(map(len, whole.out)) // 1024} kB")


main()
