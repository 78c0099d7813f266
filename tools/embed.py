#!/usr/bin/env python3
# embed.py: turns built browser files into one C file with plain, gzip and brotli arrays (the table of src/gen/assets.h).
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tools/embed.py FOLDER OUT.c
#
# FOLDER holds manifest.json of web/build.mjs; without it the table is empty. The same input always gives the same output.

import base64
import gzip
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys

TYPES = {
    ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/x-icon", ".woff2": "font/woff2", ".json": "application/json", ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json", ".wasm": "application/wasm", ".html": "text/html; charset=utf-8",
}
ALREADY_SMALL = {".png", ".woff2", ".ico"}


def fail(message):
    sys.exit("embed.py: " + message)


def brotli(data):
    if not shutil.which("brotli"):
        fail("the program `brotli` is missing; run `sh tools/setup.sh`")
    return subprocess.run(["brotli", "-q", "11", "-w", "24", "-c", "-"], input=data, stdout=subprocess.PIPE, check=True).stdout


# A byte as it stands in a C string. Octal with three digits never swallows the next character; '?' would begin a trigraph.
BYTE = [chr(b) if 32 <= b < 127 and b not in b'"\\?' else "\\%03o" % b for b in range(256)]


def array(name, data):
    lines = [f"static const unsigned char {name}[{len(data) + 1}] ="]
    lines += ['"' + "".join(BYTE[b] for b in data[i:i + 120]) + '"' for i in range(0, len(data), 120)] or ['""']
    return "\n".join(lines) + ";\n"


def main():
    if len(sys.argv) != 3:
        fail("usage: python3 tools/embed.py FOLDER OUT.c")
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    manifest = folder / "manifest.json"
    entries = json.loads(manifest.read_text()) if manifest.exists() else []
    text = ["/* assets.c: written by tools/embed.py from what web/build.mjs made. */\n/* SPDX-License-Identifier: Apache-2.0 */\n",
            '#include "gen/assets.h"\n']
    rows, names, sheets, sheet_set = [], [], 0, ""
    for i, entry in enumerate(entries):
        file = folder / entry["file"]
        if file.suffix not in TYPES:
            fail(f"no content type is known for {file.name}; add a row to TYPES in tools/embed.py")
        plain = file.read_bytes()
        forms = [("plain", plain)]
        if file.suffix not in ALREADY_SMALL:
            # A header costs some bytes and time on both sides: a form must be a twentieth smaller to be worth it.
            packed = [("gzip", gzip.compress(plain, 9, mtime=0)), ("brotli", brotli(plain))]
            forms += [(form, data) for form, data in packed if len(data) < len(plain) * 0.95]
        text += [array(f"asset_{i}_{form}", data) for form, data in forms]
        cells = [f".{form} = {{ asset_{i}_{form}, {len(data)} }}" for form, data in forms]
        names += [(name, i) for name in entry.get("names", [])]
        if entry["role"] == "sheet":
            sheets, sheet_set = sheets + 1, entry["set"]
            cells.append(f".sheet = {sheets}")
        sha = base64.b64encode(hashlib.sha256(plain).digest()).decode()
        rows.append(f'    {{ .role = {json.dumps(entry["role"])}, .file = {json.dumps(entry["file"])}, .type = "{TYPES[file.suffix]}",\n'
                    f'      .sha256 = "{sha}",\n      {", ".join(cells)} }},\n')
    text.append(f"const asset asset_table[{len(rows) + 1}] = {{\n{''.join(rows)}    {{ .role = 0 }}\n}};\nconst int asset_count = {len(rows)};\n")
    names = [f"    {{ {json.dumps(name)}, {i} }},\n" for name, i in sorted(names)]
    text.append(f"const asset_name asset_names[{len(names) + 1}] = {{\n{''.join(names)}    {{ 0, 0 }}\n}};\n"
                f"const int asset_name_count = {len(names)};\nconst char asset_sheet_set[] = {json.dumps(sheet_set)};\n")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(text))


main()
