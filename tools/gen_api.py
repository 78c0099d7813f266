#!/usr/bin/env python3
# gen_api.py: docs/c-api.md from the comments of the public headers.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tools/gen_api.py            writes docs/c-api.md
#   python3 tools/gen_api.py --check    writes nothing; fails when it would change
#
# The headers are read as they are laid out: a ruler begins a section, an empty line or a comment of its own begins a group, and a
# comment behind a declaration belongs to it. A call with options is shown as it is written, with a table of its args struct, and
# what only makes such calls work is left out. elements.h has its own reference, docs/elements.md, made by gen.py.

import argparse
import pathlib
import re
import sys

HEADERS = {"include/easel/run.h": None, "include/easel/core.h": "types"}      # the title of a header without rulers
# What makes calls with options work in C and C++; nobody writes it.
HIDDEN = {"EZ_0", "EZ_ARGS", "EZ_FORMAT", "EZ_API", "EZ_CALL", "EZ_KIND"}
RULER = re.compile(r"/\* -{4} (.+?) -+ \*/$")
INTRO = """# C API

Written by `tools/gen_api.py` from the comments of the public headers. A program includes `<easel.h>`, which is all of them. The
elements, such as `ez_slider`, stand in [elements.md](elements.md); what a program can be told from outside in
[options.md](options.md).

In a signature, arguments without a dot are required and positional, in this order; those with a dot are options, given by
name in this order (C takes any order, C++ this one) or left out. An option that is zero has its default.
"""


# ---- reading ----


def for_c(text):
    """The lines that a C compiler other than a C++ one sees, with continued lines joined."""
    kept, sees = [], []
    for line in re.sub(r"\\\n\s*", "", text).split("\n"):
        word = line.strip()
        if word.startswith("#if"):
            sees.append(word != "#ifdef __cplusplus")
        elif word == "#else":
            sees[-1] = not sees[-1]
        elif word == "#endif":
            sees.pop()
        elif all(sees):
            kept.append(line)
    return kept


def prose(comment):
    """Paragraphs of a comment of its own."""
    lines = [re.sub(r"^ ?\*(?: |$)", "", line.strip()) for line in comment.removeprefix("/*").removesuffix("*/").strip().split("\n")]
    return [" ".join(part.split()) for part in "\n".join(lines).split("\n\n")]


def groups(lines):
    """(section, comment, declarations) for each group of lines that stand together; a declaration ends outside of braces."""
    section, comment, found, i = None, [], [], 0
    while i < len(lines):
        line = lines[i]
        i += 1
        if RULER.match(line):
            section, comment = RULER.match(line).group(1), []
            found.append((section, [], []))
        elif line.startswith("/*") and "SPDX" not in line:
            while "*/" not in line:
                line += "\n" + lines[i]
                i += 1
            comment = prose(line)
            found.append((section, comment, []))
        elif not line.strip():
            found.append((section, [], []))
        elif not re.match(r"#include|#ifndef|#define \w+_H$|/\* SPDX|extern \"C\"|\}$", line):
            while not line.startswith("#") and line.count("{") != line.count("}"):
                line += "\n" + lines[i]
                i += 1
            if not found:
                found.append((section, [], []))
            found[-1][2].append(line)
    return [g for g in found if g[1] or g[2]]


class Struct:
    """An args struct: leading fields, then what may be given by name."""

    def __init__(self, name, body):
        self.name, self.leading, self.options = name, [], []
        into = self.leading
        for line in body.split("\n"):
            code, _, remark = line.partition("/*")
            remark = remark.removesuffix("*/").strip()
            for declaration in filter(None, map(str.strip, code.split(";"))):
                if declaration.startswith("const ez_named *"):
                    into = self.options
                elif declaration not in ("ez_call call", "char end_ EZ_0"):
                    into += [(name, kind, remark) for name, kind in declared(declaration.replace(" EZ_0", ""))]


def declared(code):
    """(name, type) of each thing that one declaration declares."""
    function = re.search(r"\(\*(\w+)\)", code)
    if function:
        return [(function.group(1), code.replace(function.group(), "(*)"))]
    base, first = re.match(r"(.*?)((?:\*const |\*)*\w+(?:, .*)?)$", code).groups()
    return [(re.search(r"\w+$", one).group(), " ".join((base + re.sub(r"\w+$", "", one)).split())) for one in first.split(", ")]


def structs_of(all_groups):
    """Args structs by name: those with fields that are given by name."""
    found = {}
    for _, _, code in all_groups:
        for text in code:
            m = re.match(r"typedef struct (\w+) \{\n(.*)\n\}", text, re.S)
            if m and "named_" in m.group(2):
                found[m.group(1)] = Struct(*m.groups())
    return found


class Macro:
    def __init__(self, text):
        m = re.match(r"#define (\w+)(\(.*?\))?\s*(.*)", text)
        code, _, remark = m.group(3).partition("/*")
        self.name, self.body, self.remark = m.group(1), code.strip(), remark.removesuffix("*/").strip()
        self.params = [p.strip() for p in (m.group(2) or "").strip("()").split(",") if p.strip()]


# ---- writing ----


def plain(text):
    """Prose for Markdown: signs that mean something there mean themselves, except inside of backticks."""
    return "".join(part if i % 2 else re.sub(r"([*<|])", r"\\\1", part) for i, part in enumerate(re.split(r"(`[^`]*`)", text)))


def sentence(text):
    return plain(text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".:!?…" else "."))


def table(head, rows):
    """No column of meanings when the names say it all."""
    if not any(remark for _, _, remark in rows):
        return [f"| {head} | type |", "|---|---|"] + [f"| `{n}` | `{t}` |" for n, t, _ in rows] + [""]
    return [f"| {head} | type | meaning |", "|---|---|---|"] + [f"| `{n}` | `{t}` | {sentence(r)} |" for n, t, r in rows] + [""]


def aligned(lines):
    """Remarks behind one-line declarations begin at one column, as long as that is not far away."""
    pieces = [re.match(r"(.*?)\s*(/\*[^\n]*)?$", line, re.S).groups() if "\n" not in line else (line, None) for line in lines]
    width = max((len(code) for code, remark in pieces if remark and len(code) < 80), default=0)
    return [f"{code:<{width}}   {remark}" if remark else code for code, remark in pieces]


class Page:
    def __init__(self, all_groups):
        self.groups = all_groups
        self.structs = structs_of(all_groups)
        self.macros = {m.name: m for _, _, code in all_groups for text in code if text.startswith("#define") for m in [Macro(text)]}
        self.public = {n: m for n, m in self.macros.items() if n not in HIDDEN and not n.endswith("_")}
        self.functions = {m.group(2): m.group(1, 3) for _, _, code in all_groups for text in code
                          for m in [re.match(r"EZ_API ([\w ]+?[ *]+)(\w+)\((.*?)\)(?: EZ_FORMAT\(.*\))?;", text)] if m}

    def call_of(self, function):
        """The macros that people write to call this function."""
        inside = [m for m in self.macros.values() if re.search(rf"\b{function}\b", m.body)]
        outside = [m for m in self.public.values() if m in inside or any(m.body.startswith(i.name + "(") for i in inside)]
        return outside

    def leading(self, macro, function):
        """Names of the positional arguments, from the inner macro if there is one."""
        inside = macro.body.partition("(")[0]
        inner = self.macros.get(inside) if inside not in HIDDEN else None
        names = [p.removesuffix("_") for p in (inner or macro).params if p != "..."]
        return [n for n in names if n != "put"]

    def call(self, function, struct):
        result, params = self.functions[function]
        kinds = {n: t for p in params.split(", ") for n, t in declared(p)} | {n: t for n, t, _ in struct.leading}
        remarks = {n: r for n, _, r in struct.leading}
        macros = self.call_of(function)
        out = []
        for macro in macros:
            names = self.leading(macro, function)
            options = "".join(f", .{n}" for n, _, _ in struct.options)
            out += [f"### {macro.name}", "", "```c", f"{result.strip()}{'' if result.endswith('*') else ' '}{macro.name}({', '.join(names)}{options});".replace("* ", "*"), "```", ""]
        rows = [(n, kinds[n], remarks.get(n, "")) for n in self.leading(macros[0], function)]
        return out, table("argument", rows) + (table("option", [("." + n, t, r) for n, t, r in struct.options]) if struct.options else [])

    def group(self, comment, code):
        """Headings and signatures, then the comment, then tables; what has no options keeps the header's own lines."""
        head, tail, lines = [], [], []
        for text in code:
            function = re.match(r"EZ_API [\w ]+?[ *]+(\w+)\(.*?const (\w+) \*args\)", text)
            name = re.match(r"#define (\w+)", text)
            struct = re.match(r"typedef struct (\w+) \{", text)
            if function and function.group(2) in self.structs:
                if head and self.structs[function.group(2)] in self.shown:
                    head += self.call(function.group(1), self.structs[function.group(2)])[0]
                    continue
                self.shown.append(self.structs[function.group(2)])
                more, rows = self.call(function.group(1), self.structs[function.group(2)])
                head, tail = head + more, tail + rows
            elif struct and struct.group(1) in self.structs:
                of = self.public.get(struct.group(1).upper())
                if of:
                    it = self.structs[struct.group(1)]
                    names = [p for p in self.leading(of, None)]
                    head += [f"### {of.name}", "", "```c", f"{of.name}({', '.join(names + ['.' + n for n, _, _ in it.options])})", "```", ""]
                    tail += table("option", [("." + n, t, r) for n, t, r in it.options])
            elif name:
                if name.group(1) in self.public and name.group(1).lower() not in self.structs and not self.stands_for_call(name.group(1)):
                    lines.append(self.macro_line(self.public[name.group(1)]))
            elif not self.wrapped(text):
                lines.append(re.sub(r"^EZ_API |^static inline | EZ_FORMAT\([^)]*\)| EZ_0\b", "", re.sub(r"^(static inline .*?\)) \{.*\}$", r"\1;", text)))
        if not (head or lines or comment):
            return []
        words = [line for paragraph in comment for line in (plain(paragraph), "")]
        return head + words + tail + (["```c", *aligned(lines), "```", ""] if lines else [])

    def stands_for_call(self, name):
        """A macro that is shown where its function is."""
        return any(self.public[name] in self.call_of(f) for f, (_, params) in self.functions.items() if re.search(r"const (\w+) \*args", params))

    def wrapped(self, text):
        """A function that people reach through a macro alone."""
        m = re.match(r"EZ_API [\w ]+?[ *]+(\w+)\(", text)
        return bool(m and self.call_of(m.group(1)))

    @staticmethod
    def macro_line(macro):
        cast = re.match(r"\(\(([^()]+\*)\)", macro.body)
        shown = f"{cast.group(1) if cast else ''}{macro.name}{'(' + ', '.join(macro.params) + ')' if macro.params else ''}"
        return f"{shown}{';' if cast else ''}{'   /* ' + macro.remark + ' */' if macro.remark else ''}"

    def write(self, of_header):
        self.shown, out, section = [], [INTRO], None
        for name, own in of_header.items():
            first = True
            for where, comment, code in own:
                where = where or HEADERS[name]
                if where and where != section:
                    out += [f"## {where[:1].upper() + where[1:]}", ""]
                    section = where
                if first:
                    comment = [f"`{name}`: " + comment[0].partition(": ")[2]] + comment[1:]
                    first = False
                out += self.group(comment, code)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).rstrip() + "\n"


def reference(root):
    of_header = {name: groups(for_c((root / name).read_text())) for name in HEADERS}
    return Page([g for own in of_header.values() for g in own]).write(of_header)


def main():
    parser = argparse.ArgumentParser(description="Writes docs/c-api.md from the comments of the public headers.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when it would change")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent, help="the source tree")
    options = parser.parse_args()
    path = options.root / "docs/c-api.md"
    text = reference(options.root)
    same = path.exists() and path.read_text() == text
    if options.check and not same:
        sys.exit("gen_api.py: not up to date: docs/c-api.md; run `make gen`")
    if not same:
        path.write_text(text)
    print("gen_api.py: " + ("all up to date" if same else "docs/c-api.md written"))


if __name__ == "__main__":
    main()
