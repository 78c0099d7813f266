#!/usr/bin/env python3
# gen.py: from the elements' schemas to the C header, the C tables, the reference and the gallery.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tools/gen.py            writes what changed
#   python3 tools/gen.py --check    writes nothing; fails and names the files that would change
#
# It reads elements/<group>/<name>/<name>.toml; no list anywhere names the elements. docs/adding-an-element.md explains the
# schema; the tables right below are its vocabulary. What it writes, the files of outputs() at the end, is checked in.

import argparse
import pathlib
import re
import sys
import tomllib

GROUPS = ["text", "input", "layout", "data", "chart", "media", "chat", "status", "control"]

# A schema's type, as it travels in an args struct. Columns: C type in the struct, C type as a reader thinks of it, conversion
# of ez_print, whether zero is a number that a visitor of the docs could mean.
TYPES = {
    "text":    ("const char *", "text", "%s", False),
    "real":    ("ez_real", "number", "%g", True),
    "int":     ("int", "whole number", "%d", True),
    "bool":    ("bool", "true or false", "%d", False),
    "choice":  ("int", "one of", "%d", False),
    "texts":   ("const char *const *", "texts, `EZ_OPTIONS(…)`", None, False),
    "reals":   ("const double *", "numbers, an array", None, False),
    "flags":   ("const bool *", "one flag for each option", None, False),
    "date":    ("ez_date", "date", None, False),
    "range":   ("ez_range", "two numbers", None, False),
    "file":    ("const ez_file *", "file", None, False),
    "pixels":  ("const ez_pixels *", "picture", None, False),
    "rows":    ("ez_list *", "rows", None, False),
    "record":  ("const ez_record *", "record", None, False),
    "function": ("ez_fn *", "function", None, False),
    "sampling": ("const ez_sampling *", "`EZ_SAMPLING(…)`", None, False),
    "message": ("const ez_message *", "message", None, False),
}
RETURNS = {
    "none": "void", "bool": "bool", "real": "double", "int": "int", "index": "int", "text": "const char *", "place": "ez_ui *",
    "range": "ez_range", "date": "ez_date", "picks": "ez_picks", "file": "const ez_file *", "files": "ez_files",
}
EVENTS = {"shows": "ELEMENT_SHOWS", "value": "ELEMENT_VALUE", "trigger": "ELEMENT_TRIGGER"}

# The one order of options, because C++ wants designated initializers in the order of declaration and nobody wants to look it
# up. Names that many elements share have a fixed place; "*" is where an element's own options stand, in its own order.
ORDER = ["label", "value", "index", "start_empty", "delta", "kind", "level", "format", "step", "width", "height", "gap", "align", "border",
         "*", "hide_label", "collapse_label", "placeholder", "help", "icon", "anchor", "key", "required", "live", "lazy", "disabled"]

# What many elements offer, said once: a schema writes `key = {}`, and may replace the sentence by its own.
COMMON = {
    "hide_label": ("bool", "Keeps the label's room, but shows it to screen readers only."),
    "collapse_label": ("bool", "Shows the label to screen readers only and takes its room."),
    "placeholder": ("text", "Text in the empty control."),
    "help": ("text", "Markdown in a popover behind a (?)."),
    "icon": ("text", "An icon by its name, such as `search`, or an emoji."),
    "anchor": ("text", "A name for links to this place, `#name`."),
    "key": ("text", "Its name: for events and values, as identity, in the class `ez-key-…`."),
    "required": ("bool", "Keeps a form from being sent while this is empty."),
    "live": ("bool", "Runs the page while the visitor types, not only at Enter or on leaving the field."),
    "disabled": ("bool", "Shows it, but takes no input."),
}

KEYWORDS = set("""alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class co_await
co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete do double dynamic_cast
else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr
operator or or_eq private protected public register reinterpret_cast requires restrict return short signed sizeof static static_assert
static_cast struct switch template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile
wchar_t while xor xor_eq call end_ named_""".split())

FIELDS = {"group", "event", "returns", "doc", "gives", "places", "events", "args", "options", "parts", "html", "example"}


class Refused(Exception):
    """What is wrong with a schema, in one sentence that names the file, the reason and the next step."""


def refuse(where, why):
    raise Refused(f"{where}: {why}")


# ---- reading -------------------------------------------------------------------------------------------------------------


class Argument:
    """A leading argument or an option."""

    def __init__(self, where, name, row):
        self.where, self.name = where, name
        if name in COMMON:
            row = {"type": COMMON[name][0], "doc": COMMON[name][1]} | row
        for field in row:
            if field not in ("type", "doc", "default", "legal", "values"):
                refuse(where, f"`{name}` has an unknown field `{field}`; known are type, doc, default, legal, values")
        self.type, self.doc = row.get("type"), row.get("doc", "").strip()
        self.default, self.legal, self.values = row.get("default"), row.get("legal"), row.get("values", [])
        if self.type not in TYPES:
            refuse(where, f"`{name}` has no known type; use one of {', '.join(TYPES)}")
        if name in KEYWORDS:
            refuse(where, f"`{name}` is a word of C, C++ or of the calls themselves; choose another name")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            refuse(where, f"`{name}` must be lower case letters, digits and underscores")
        if not self.doc.endswith((".", "?", "!")):
            refuse(where, f"`{name}` needs a doc sentence that ends with a full stop")
        if (self.type == "choice") != bool(self.values):
            refuse(where, f"`{name}`: type choice and `values = [\"EZ_…\", …]` belong together")

    @property
    def declared(self):
        return TYPES[self.type][0]

    def check_zero(self):
        """Zero means default, so no number may have both a legal zero and another default."""
        if not TYPES[self.type][3]:
            return
        if self.legal not in ("any", "from 0", "above 0"):
            refuse(self.where, f"option `{self.name}` is a number: say `legal = \"any\"`, `\"from 0\"` or `\"above 0\"`")
        zero_is_legal, other_default = self.legal != "above 0", self.default not in (None, 0, "nearest to 0")
        if zero_is_legal and other_default:
            refuse(self.where, f"option `{self.name}` has a legal zero and another default, so nobody could ever ask for zero; "
                               "make zero the default, forbid zero, word it the other way round, or hand the group over by pointer")

    def said_default(self):
        if self.type == "bool":
            return "false"
        if self.type == "choice":
            return f"`{self.values[0]}`"
        if self.default is None:
            return "0" if TYPES[self.type][3] else "none"
        return f"`{self.default}`" if isinstance(self.default, (int, float)) else str(self.default)


class Element:
    def __init__(self, root, path):
        self.where = path.relative_to(root).as_posix()
        self.name, self.folder = path.parent.name, path.parent
        with open(path, "rb") as file:
            try:
                row = tomllib.load(file)
            except tomllib.TOMLDecodeError as why:
                refuse(self.where, f"is not TOML: {why}")
        for field in row:
            if field not in FIELDS:
                refuse(self.where, f"has an unknown field `{field}`; known are {', '.join(sorted(FIELDS))}")
        if path.stem != self.name:
            refuse(self.where, f"the file must have the folder's name, {self.name}.toml")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            refuse(self.where, "an element's name is lower case letters, digits and underscores")
        self.group, self.event, self.returns = row.get("group"), row.get("event"), row.get("returns", "none")
        if self.group != path.parent.parent.name or self.group not in GROUPS:
            refuse(self.where, f"`group` must be the folder above, one of {', '.join(GROUPS)}")
        if self.event not in EVENTS:
            refuse(self.where, f"`event` must be one of {', '.join(EVENTS)}")
        if self.returns not in RETURNS:
            refuse(self.where, f"`returns` must be one of {', '.join(RETURNS)}")
        self.doc, self.gives = " ".join(row.get("doc", "").split()), " ".join(row.get("gives", "").split())
        if not self.doc.endswith("."):
            refuse(self.where, "`doc` must be one or more sentences that end with a full stop")
        if (self.returns != "none") != bool(self.gives):
            refuse(self.where, "`gives` says in a sentence what comes back, and only when something does")
        self.places = row.get("places", 0)
        if self.returns == "place" and not self.places:
            refuse(self.where, "it returns a place, so `places` must be at least 1")
        self.events, self.parts, self.html = row.get("events", {}), row.get("parts", {}), row.get("html")
        self.args = [Argument(self.where, name, fields) for name, fields in row.get("args", {}).items()]
        self.options = [Argument(self.where, name, fields) for name, fields in row.get("options", {}).items()]
        self.check_options()

    def check_options(self):
        names = [a.name for a in self.args + self.options]
        for name in names:
            if names.count(name) > 1:
                refuse(self.where, f"`{name}` is there twice")
        own = ORDER.index("*")
        before = (-1, "")
        for option in self.options:
            option.check_zero()
            at = ORDER.index(option.name) if option.name in ORDER else own
            if at < before[0]:
                refuse(self.where, f"option `{option.name}` must stand before `{before[1]}`; the common order is {', '.join(ORDER)}")
            before = (at, option.name)

    @property
    def css(self):
        return "ez-" + self.name.replace("_", "-")

    @property
    def title(self):
        return self.name.replace("_", " ").capitalize()

    @property
    def demo(self):
        path = self.folder / "demo.c"
        return path if path.exists() else None

    def all(self):
        return {a.name: a for a in self.args + self.options}


def read_elements(root):
    paths = sorted(p for p in (root / "elements").glob("*/*/*.toml"))
    elements = [Element(root, p) for p in paths]
    elements.sort(key=lambda e: (GROUPS.index(e.group), e.name))
    for a in elements:
        for b in elements:
            if a is not b and a.name == b.name:
                refuse(a.where, f"{b.where} has the same name; C has one name space")
    check_names(root, elements)
    return elements


def check_names(root, elements):
    """ez_<element> belongs to elements alone; the constants that a choice names must be there, in this order from 0."""
    text = "".join((root / "include/easel" / name).read_text() for name in ("core.h", "run.h"))
    taken = set(re.findall(r"#define (ez_\w+)\(", text)) | set(re.findall(r"\b(ez_\w+)\s*\(", text)) | set(re.findall(r"\b(ez_\w+);", text))
    enums = [[name.split("=")[0].strip() for name in body.split(",")] for body in re.findall(r"enum[\w ]*\{([^}]*)\}", text)]
    for e in elements:
        for name in (f"ez_{e.name}", f"ez_{e.name}_", f"ez_{e.name}_put", f"ez_{e.name}_args"):
            if name in taken:
                refuse(e.where, f"{name} is already a name of include/easel/; choose another for the element")
        for a in e.args + e.options:
            if a.values and a.values not in enums:
                refuse(e.where, f"`{a.name}`: include/easel/core.h has no enum {{ {', '.join(a.values)} }}")


# ---- the public header ---------------------------------------------------------------------------------------------------


def wrapped(text, width, first="/* ", rest=" * ", last=" */"):
    """A comment in lines of at most width characters."""
    lines, line = [], first
    for word in text.split():
        if len(line.rstrip()) + 1 + len(word) + len(last) > width and line.strip(" /*"):
            lines.append(line.rstrip())
            line = rest
        line += word + " "
    lines.append(line.rstrip() + last)
    return "\n".join(lines)


def sentence_start(text):
    """Lower case at the beginning, for the middle of a line; names in capitals stay."""
    return text if len(text) > 1 and text[1].isupper() else text[0].lower() + text[1:]


def option_comment(a):
    doc = a.doc.rstrip(".") if a.doc.count(". ") == 0 else a.doc
    said = [sentence_start(doc)]
    if a.values:
        said.append(" or ".join(a.values) if len(a.values) < 3 else a.values[0] + ", " + ", ".join(v.replace(common(a.values), "…_") for v in a.values[1:]))
    elif a.default is not None and a.type != "bool":
        said.append(f"default: {a.default}")
    return "; ".join(said)


def common(values):
    head = values[0].rsplit("_", 1)[0] + "_"
    return head if all(v.startswith(head) for v in values) else "\0"


def declaration(a, tail):
    star = "" if a.declared.endswith("*") else " "
    return f"    {a.declared}{star}{a.name}{tail};"


def with_comment(code, comment, column=44, width=150):
    """A member and what it means: beside it when that fits, above it when not."""
    beside = f"{code:<{column}}/* {comment} */"
    if len(beside) <= width:
        return beside
    return wrapped(comment, 120, "    /* ", "     * ") + "\n" + code


def header_of(e):
    args = f"ez_{e.name}_args"
    put = f"ez_{e.name}_put"
    text = [wrapped(e.doc + (" Returns " + sentence_start(e.gives) if e.gives else ""), 120)]
    text += [f"typedef struct {args} {{", "    ez_call call;"]
    text += [with_comment(declaration(a, ""), option_comment(a)) for a in e.args]
    text += ["    const ez_named *named_ EZ_0;"]
    text += [with_comment(declaration(a, " EZ_0"), option_comment(a)) for a in e.options]
    text += ["    char end_ EZ_0;", f"}} {args};"]
    returned = RETURNS[e.returns]
    text += [f"EZ_API {returned}{'' if returned.endswith('*') else ' '}{put}(ez_ui *at, const {args} *args);"]
    # The last leading argument travels in `...`, so that `...` is never empty.
    lead = ["at"] + [a.name for a in e.args]
    seen = "".join(name + ", " for name in lead[:-1])
    passed = "".join(name + ", " for name in lead[:-1])
    text += [f"#define ez_{e.name}({seen}...) ez_{e.name}_({passed}__VA_ARGS__, .end_ = 0)"]
    params = "".join(name + "_, " for name in lead)
    given = "".join(f".{a.name} = ({a.name}_), " for a in e.args)
    text += [f"#define ez_{e.name}_({params}...) \\\n    {put}(at_, EZ_ARGS({args}, .call = EZ_CALL, {given}__VA_ARGS__))"]
    return "\n".join(text) + "\n"


def ruler(title):
    return f"/* ---- {title} " + "-" * (114 - len(title)) + " */\n"


def public_header(elements):
    text = ["""/* elements.h: what a page shows. Written by tools/gen.py from the schemas in elements/.
 *
 * Each element is a call: the place where it goes, its leading arguments, then options by name in the order below:
 *
 *     double rate = ez_slider(ui, "Rate, % a year", 0, 12, .value = 5, .step = 0.1);
 *
 * An option that is not given, or zero, has its default. Two elements of one kind and label at one place are told apart
 * by their order; give them a .key when that may change. Every call is for the thread that runs the page. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EASEL_ELEMENTS_H
#define EASEL_ELEMENTS_H

#include <easel/core.h>

#ifdef __cplusplus
extern "C" {
#endif
"""]
    for group in GROUPS:
        of_group = [e for e in elements if e.group == group]
        if of_group:
            text += [ruler(group)] + [header_of(e) for e in of_group]
    text += ["#ifdef __cplusplus\n}\n#endif\n#endif\n"]
    return "\n".join(text)


# ---- the C tables ----------------------------------------------------------------------------------------------------------


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def gen_header(elements):
    rows = "\n".join(f"extern const element_type {e.name}_type;" for e in elements)
    return f"""/* elements_gen.h: one row for each element, and the table of all. Written by tools/gen.py. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GEN_ELEMENTS_GEN_H
#define GEN_ELEMENTS_GEN_H

#include "page/element.h"

{rows}

extern const element_type *const element_types[];    /* by group and name; NULL at the end */
extern const int element_type_count;

#endif
"""


def template_pieces(e):
    """The schema's html as a list of ("print", format, expressions), ("call", statement), ("if", condition), ("end",)."""
    pieces, names, at, depth = [], e.all(), 0, 0

    def literal(text):
        if not pieces or pieces[-1][0] != "print":
            pieces.append(["print", "", []])
        pieces[-1][1] += text

    for found in re.finditer(r"\{([^{}]*)\}", e.html):
        literal(e.html[at:found.start()].replace("%", "%%"))
        at, inner = found.end(), found.group(1)
        if inner == "/":
            if not depth:
                refuse(e.where, "html: {/} without a {?…} before it")
            pieces.append(["end"])
            depth -= 1
            continue
        if inner.startswith("@"):
            pieces.append(["call", f'node_icon(n, "{inner[1:]}");'])
            continue
        parsed = re.fullmatch(r"(\?!?)?(\w*)(?:\|(\w+))?", inner)
        if not parsed or parsed.group(2) not in names:
            refuse(e.where, f"html: {{{inner}}} names no argument or option")
        test, name, filtered = parsed.groups()
        a = names[name]
        if test:
            pieces.append(["if", ("!" if test == "?!" else "") + f"a->{name}"])
            depth += 1
        elif filtered:
            calls = {"line": "node_markdown_line", "label": "node_label_line", "markdown": "node_markdown", "icon": "node_icon", "help": "node_help"}
            if filtered not in calls:
                refuse(e.where, f"html: {{{inner}}}: after | comes one of {', '.join(calls)}")
            pieces.append(["call", f"{calls[filtered]}(n, a->{name});"])
        else:
            if TYPES[a.type][2] is None:
                refuse(e.where, f"html: {{{inner}}} is of type {a.type}, which has no printed form; write a {e.name}.c instead")
            literal(TYPES[a.type][2])
            default = a.default if isinstance(a.default, (int, float)) and a.default else None
            pieces[-1][2].append(f"a->{name} ? a->{name} : {default}" if default else f"a->{name}")
    if depth:
        refuse(e.where, "html: a {?…} is not closed by {/}")
    literal(e.html[at:].replace("%", "%%"))
    return pieces


def tabular_put(e):
    if e.returns != "none" or e.event != "shows":
        refuse(e.where, f"`html` is for elements that only show; write a {e.name}.c")
    if (e.folder / f"{e.name}.c").exists():
        refuse(e.where, f"has both `html` and a {e.name}.c; keep one")
    if not e.html.startswith("<") or f'class="{e.css}' not in e.html.split(">")[0] + '"':
        refuse(e.where, f'html must begin with its root: <tag class="{e.css}…')
    key = "a->key" if "key" in e.all() else "NULL"
    lines = [f"void ez_{e.name}_put(ez_ui *at, const ez_{e.name}_args *a)", "{",
             f"    node *n = node_open(at, &{e.name}_type, &a->call, NULL, {key});", "    ez_html *h = node_html(n);"]
    indent = "    "
    for piece in template_pieces(e):
        if piece[0] == "print" and piece[1]:
            values = "".join(", " + v for v in piece[2])
            lines.append(f"{indent}ez_print(h, {c_string(piece[1])}{values});")
        elif piece[0] == "call":
            lines.append(indent + piece[1])
        elif piece[0] == "if":
            lines.append(f"{indent}if ({piece[1]}) {{")
            indent += "    "
        elif piece[0] == "end":
            indent = indent[4:]
            lines.append(indent + "}")
    lines += ["    node_close(n);", "}"]
    text = "\n".join(lines) + "\n"
    return re.sub(r"( +if \(.*\)) \{\n(.*)\n +\}\n", r"\1\n\2\n", text)


def gen_source(elements):
    rows = "\n".join(f'const element_type {e.name}_type = {{ "{e.name}", "{e.group}", {EVENTS[e.event]}, {e.places} }};' for e in elements)
    table = "\n".join(f"    &{e.name}_type," for e in elements)
    puts = "\n".join(tabular_put(e) for e in elements if e.html)
    return f"""/* elements_gen.c: the table of elements, and those that are nothing but a template. Written by tools/gen.py. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

{rows}

const element_type *const element_types[] = {{
{table}
    NULL
}};
const int element_type_count = {len(elements)};

{puts}"""


# ---- the reference -------------------------------------------------------------------------------------------------------


def said_type(a):
    if a.values:
        return "one of " + ", ".join(f"`{v}`" for v in a.values)
    return TYPES[a.type][1]


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def reference_of(root, e):
    returned = RETURNS[e.returns]
    lead = ", ".join(["at"] + [a.name for a in e.args])
    options = ", ".join("." + a.name for a in e.options)
    text = [f"### {e.name}", "", e.doc, "", "```c", f"{returned}{'' if returned.endswith('*') else ' '}ez_{e.name}({lead}{', ' + options if options else ''});", "```", ""]
    if e.gives:
        text += [f"Returns {sentence_start(e.gives)}", ""]
    if e.args:
        text += ["| argument | type | meaning |", "|---|---|---|"]
        text += [f"| `{a.name}` | {cell(said_type(a))} | {cell(a.doc)} |" for a in e.args] + [""]
    if e.options:
        text += ["| option | type | default | meaning |", "|---|---|---|---|"]
        text += [f"| `.{a.name}` | {cell(said_type(a))} | {cell(a.said_default())} | {cell(a.doc)} |" for a in e.options] + [""]
    if e.events:
        text += ["Events: " + "; ".join(f"`{name}`, {sentence_start(doc).rstrip('.')}" for name, doc in e.events.items()) + ".", ""]
    parts = [f"`.{e.css}`"] + [f"`.{name}` ({sentence_start(doc).rstrip('.')})" for name, doc in e.parts.items()]
    text += ["Parts: " + ", ".join(parts) + ".", ""]
    if e.demo:
        text += [f"Demo: [{e.demo.relative_to(root).as_posix()}](../{e.demo.relative_to(root).as_posix()}), page `/{e.name}` of the gallery.", ""]
    return "\n".join(text)


def reference(root, elements):
    text = ["# Elements", "", "Written by `tools/gen.py` from the schemas in `elements/`. The first argument of each call is the place where the element",
            "goes. Options are given by name, in the order of the tables; one that is not given, or zero, has its default.", ""]
    for group in GROUPS:
        of_group = [e for e in elements if e.group == group]
        if of_group:
            text += [f"- {group}: " + ", ".join(f"[{e.name}](#{e.name})" for e in of_group)]
    for group in GROUPS:
        of_group = [e for e in elements if e.group == group]
        if of_group:
            text += ["", f"## {group.capitalize()}", ""] + ["\n".join(reference_of(root, e) for e in of_group).rstrip()]
    return "\n".join(text) + "\n"


# ---- the gallery -----------------------------------------------------------------------------------------------------------

CHATS = ["llama_chat_script", "llama_chat_events"]


def own_names(text):
    """What a program of one file calls its own at file level, and its macros: renamed when several share one file."""
    names = set(re.findall(r"^static [^=;(]*?\b(\w+)\s*[\(\[=;]", text, re.M)) | set(re.findall(r"^typedef struct[^{]*\{[^}]*\}\s*(\w+);", text, re.M))
    names |= {"main", "page"}
    macros = set(re.findall(r"^#define (\w+)", text, re.M))
    return sorted(names - {"EZ_RECORD"}), sorted(macros)


def gallery_part(path, name, text):
    names, macros = own_names(text)
    lines = [f"#define {n} {name}_{n}" for n in names]
    lines += [f'#include "{path}"'] + [f"#undef {n}" for n in names + macros]
    return "\n".join(lines) + "\n"


def gallery(root, elements):
    shown = [e for e in elements if e.demo]
    chats = [name for name in CHATS if (root / "examples" / f"{name}.c").exists()]
    parts = [gallery_part(f"examples/{name}.c", name, (root / "examples" / f"{name}.c").read_text()) for name in chats]
    parts += [gallery_part(e.demo.relative_to(root).as_posix(), f"{e.name}_demo", e.demo.read_text()) for e in shown]
    rows = [f'    {{ "/{name}", {c_string("Chat, " + ("top to bottom" if name.endswith("script") else "as events"))}, "Models", '
            f'{c_string("A chat with a language model on this machine, written " + ("from top to bottom." if name.endswith("script") else "as a graph of events."))}, {name}_page }},'
            for name in chats]
    rows += [f'    {{ "/{e.name}", "{e.title}", "{e.group.capitalize()}", {c_string(re.match(r".*?[.](?= |$)", e.doc).group(0))}, {e.name}_demo_page }},' for e in shown]
    model = ', .model = "SmolLM2-135M-Instruct.Q4_1.gguf", .n_ctx = 2048,\n        .system = "You are a helpful AI assistant powered by Llama 3.1."'
    return f"""/* gallery.c: every element's demo and both chats as the pages of one program. Written by tools/gen.py. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include "gallery/gallery.h"

/* Each demo is a program of its own. In here its main is never called, and its page is one of the pages; what it calls its
 * own gets its name as a prefix while it is included. */
#undef ez_main
#define ez_main(argc, argv, ...) ((void)(argc), (void)(argv), 0)

{chr(10).join(parts)}
const gallery_entry gallery_entries[] = {{
{chr(10).join(rows)}
    {{ NULL, NULL, NULL, NULL, NULL }}
}};

static void setup(ez_app *app)
{{
    for (const gallery_entry *e = gallery_entries; e->path; e++)
        ez_page(app, e->path, e->page, .title = e->title, .section = e->section);
}}

int main(int argc, char **argv)
{{
    return ez_main_run(argc, argv, EZ_ARGS(ez_main_args, .call = EZ_CALL, .page = gallery_front, .title = "Easel"{model},
        .setup = setup));
}}
"""


# ---- a program that calls everything, for the compilers --------------------------------------------------------------------

SAMPLES = {"text": "WORDS", "real": "0.5", "int": "1", "bool": "true", "texts": 'EZ_OPTIONS(WORDS, "b")', "reals": "NULL", "flags": "NULL", "date": "{ 2026, 11, 21 }",
           "range": "{ 1, 2 }", "file": "NULL", "pixels": "NULL", "rows": "NULL", "record": "NULL", "function": "NULL", "sampling": "NULL", "message": "NULL"}


def every_call(elements):
    lines = []
    for e in elements:
        def sample(a):
            return f"KEY({len(lines)})" if a.name == "key" else a.values[-1] if a.values else SAMPLES[a.type]
        lead = ", ".join(["ui"] + [sample(a) for a in e.args])
        lines.append(f"    ez_{e.name}({lead});")
        if e.options:
            lines.append(f"    ez_{e.name}({lead}, " + ", ".join(f".{a.name} = {sample(a)}" for a in e.options) + ");")
    calls = "\n".join(lines)
    return f"""/* every_element.c: each element with nothing but its leading arguments, and with all options. Written by tools/gen.py. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

/* Who includes this gives other words, and a main of its own. */
#ifndef WORDS
#define WORDS  "x"
#define KEY(n) "x" #n
#define WHOLE_PROGRAM
#endif

static void every_element(ez_ui *ui)
{{
{calls}
}}

#ifdef WHOLE_PROGRAM
int main(int argc, char **argv) {{ return ez_main(argc, argv, every_element); }}
#endif
"""


# ---- all together --------------------------------------------------------------------------------------------------------


def outputs(root):
    elements = read_elements(root)
    return {
        "include/easel/elements.h": public_header(elements),
        "src/gen/elements_gen.h": gen_header(elements),
        "src/gen/elements_gen.c": gen_source(elements),
        "docs/elements.md": reference(root, elements),
        "gallery/gallery.c": gallery(root, elements),
        "tests/headers/every_element.c": every_call(elements),
    }


def main():
    parser = argparse.ArgumentParser(description="Writes the C header, the C tables, the reference and the gallery from the elements' schemas.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something would change")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent, help="the source tree")
    options = parser.parse_args()
    try:
        wanted = outputs(options.root)
    except Refused as why:
        sys.exit(f"gen.py: {why}")
    changed = []
    for name, text in wanted.items():
        path = options.root / name
        if not path.exists() or path.read_text() != text:
            changed.append(name)
            if not options.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    if options.check and changed:
        sys.exit("gen.py: not up to date: " + ", ".join(changed) + "; run `make gen`")
    print("gen.py: " + (", ".join(changed) + " written" if changed else "all up to date"))


if __name__ == "__main__":
    main()
