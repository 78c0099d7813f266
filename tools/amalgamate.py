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


class Whole:
    def __init__(self):
        self.out = [HEAD]
        self.seen = set()

    def find(self, file, name):
        for folder in (file.parent, ROOT / "src", ROOT / "elements", ROOT):
            if (folder / name).is_file():
                return (folder / name).resolve()
        return LLHTTP_H if name == "llhttp.h" else None

    def headers(self, file, text):
        """Puts what a file includes before it, each header once, and gives the text without those lines."""
        def replace(match):
            name = match.group(2)
            if name.startswith("easel/"):
                return ""
            other = self.find(file, name)
            if other is None:
                self.out.append(match.group() + "\n")
            elif other not in self.seen:
                self.seen.add(other)
                self.add(other, self.headers(other, other.read_text()))
            return ""
        return INCLUDE.sub(replace, text)

    def add(self, file, text):
        name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else f"llhttp/{file.name}"
        self.out.append(f"\n/* ==== {name} ==== */\n{text.strip()}\n")


def private_names(text):
    """Names that a file declares for itself, at the left margin, as the code style has it."""
    names = set(re.findall(r"^(?:static|_Thread_local)\b[^;={]*?\b(\w+)\s*\(", text, re.M))
    names |= set(re.findall(r"^static\b[^(;={]*?\b(\w+)\s*(?:\[[^;=]*\])*\s*(?:=|;|,)", text, re.M))
    names |= set(re.findall(r"^(?:typedef )?(?:static )?(?:const )?(?:struct|enum|union)\s+(\w+)\s*\{", text, re.M))
    names |= set(re.findall(r"^\}\s*(\w+)\s*;", text, re.M))
    names |= set(re.findall(r"^typedef\b[^{;]*?\b(\w+)\s*;", text, re.M))
    names |= set(re.findall(r"^typedef\b[^;{]*\(\s*\*?\s*(\w+)\s*\)\s*\(", text, re.M))
    for body in re.findall(r"^(?:typedef )?(?:static )?enum(?:\s+\w+)?\s*\{(.*?)\}", text, re.M | re.S):
        names |= set(re.findall(r"(?:^|,|\{)\s*(?:/\*.*?\*/\s*)*([A-Z_]\w*)", body, re.S))
    return names - {"static", "const", "struct", "enum", "union", "void"}


def rename(text, names, suffix):
    def replace(match):
        word = match.group()
        return word + suffix if word in names else word
    return PIECE.sub(replace, text)


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
    texts = {f: f.read_text() for f in files + LLHTTP}
    # llhttp.c declares its callbacks for unsigned characters, api.c defines them for plain ones: fine in two files, not in one.
    texts[LLHTTP[2]] = re.sub(r"^int llhttp__\w+\(\s*llhttp__internal_t\* s, const unsigned char\* p,\s*const unsigned char\* endp\);", "", texts[LLHTTP[2]], flags=re.M)
    owners = collections.Counter(n for text in texts.values() for n in private_names(text))
    clashing = {n for n, count in owners.items() if count > 1}

    header, public = public_header()
    whole = Whole()
    whole.seen |= public
    whole.out.append("\n/* Names that our files share get a prefix, so that they never meet those of a program. */\n")
    whole.out += [f"#define {n} easel_in_{n}\n" for n in shared_names(archive)]
    for number, file in enumerate(files + LLHTTP):
        if file is LLHTTP[0]:
            whole.out.append("\n" + "".join(f'#pragma GCC diagnostic ignored "-W{w}"\n' for w in ("unused-parameter", "pedantic", "pointer-sign", "sign-compare")))
        text = whole.headers(file, texts[file])
        mine = private_names(text)
        text = rename(text, mine & clashing, f"_{number}")
        macros = sorted(set(re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", text, re.M)))
        whole.add(file, text)
        whole.out += [f"#undef {m}\n" for m in macros]

    out.mkdir(parents=True, exist_ok=True)
    (out / "easel.h").write_text(header)
    (out / "easel.c").write_text("".join(whole.out))
    (out / "LICENSE").write_text((ROOT / "LICENSE").read_text())
    print(f"{out}/easel.h {len(header) // 1024} kB, {out}/easel.c {sum(map(len, whole.out)) // 1024} kB")


main()
