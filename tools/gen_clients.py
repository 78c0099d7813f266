#!/usr/bin/env python3
# gen_clients.py: docs/api.md, the table of what each official client does with a program, from the tests that prove it.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tools/gen_clients.py            writes docs/api.md if it changed
#   python3 tools/gen_clients.py --check    writes nothing; fails if it would
#
# A test says what it proves in a comment right above it: `proves gradio_client: predict, errors`.

import argparse
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS, PAGE = ROOT / "tests/clients", ROOT / "docs/api.md"
CLIENTS = {"curl": "", "gradio_client": "PyPI", "@gradio/client": "npm", "mcp": "PyPI", "@modelcontextprotocol/sdk": "npm", "openai": "PyPI", "openai (npm)": "npm"}
PROTOCOLS = {
    "Functions: REST and Gradio's clients": (["curl", "gradio_client", "@gradio/client"], [
        "predict", "by name and by number", "description", "errors", "wrong inputs", "streams", "long silence", "progress and position", "log messages", "cancel", "state", "sessions of their own", "batches", "files in", "files out", "many at once",
        "keys", "quotas", "login", "jobs", "idempotency", "a program that begins again",
    ]),
    "Functions as tools: MCP": (["mcp", "@modelcontextprotocol/sdk"], [
        "tools", "structured results", "errors", "progress and position", "cancel", "pictures and files", "prompts", "resources", "completion", "log messages", "a stream that breaks", "a program that begins again", "many at once", "keys",
    ]),
    "The model: OpenAI": (["openai", "openai (npm)"], [
        "models", "chat", "streams", "stop, seed, n, usage", "response_format", "logprobs", "tools", "completions", "embeddings", "responses", "errors", "leaving a stream", "many at once", "keys", "quotas",
    ]),
}
PROVES = re.compile(r"^\s*(?://|#) proves ([^:]+): (.+)$")
TEST = re.compile(r"""^\s*(?:test\((["'])(?P<js>.*?)\1,|(?:async )?def (?P<py>test_\w+))""")


def versions():
    """What the lock files pin."""
    said = {}
    for line in (ROOT / "tests/requirements.txt").read_text().splitlines():
        name, _, version = line.partition("==")
        said[name.split("[")[0].strip()] = version.strip()
    packages = json.loads((ROOT / "tests/package.json").read_text())
    for name, version in {**packages.get("dependencies", {}), **packages.get("devDependencies", {})}.items():
        said["openai (npm)" if name == "openai" else name] = version.lstrip("^~")
    return said


def proofs():
    """{(client, feature): [(file, test)]}"""
    found = {}
    for path in sorted([*TESTS.glob("*.mjs"), *TESTS.glob("*.py")]):
        waiting = []
        for line in path.read_text().splitlines():
            if said := PROVES.match(line):
                waiting += [(said[1].strip(), feature.strip()) for feature in re.split(r"; ", said[2])]
            elif (test := TEST.match(line)) and waiting:
                name = test["js"] or test["py"].removeprefix("test_").replace("_", " ")
                for claim in waiting:
                    found.setdefault(claim, []).append((path.name, name))
                waiting = []
        if waiting:
            sys.exit(f"{path.relative_to(ROOT)}: “proves {waiting[0][0]}” stands above no test")
    known = {(client, feature) for clients, features in PROTOCOLS.values() for client in clients for feature in features}
    for client, feature in found:
        if (client, feature) not in known:
            sys.exit(f"tests/clients/{found[client, feature][0][0]}: {client}: {feature!r} is in no table of tools/gen_clients.py")
    return found


def page():
    said, found = versions(), proofs()
    out = ["# Clients", "", "Which official client does what with an Easel program, unmodified, in the versions that the tests pin. Made by `tools/gen_clients.py` from the tests that prove it (`tests/clients`); a mark names how many do. "
           "What an empty field means stands below. How the protocols are used: [functions.md](functions.md).", ""]
    for title, (clients, features) in PROTOCOLS.items():
        out += [f"## {title}", "", "| | " + " | ".join(f"{c.removesuffix(' (npm)')} {said.get(c, '')}{f' ({CLIENTS[c]})' if CLIENTS[c] else ''}".replace("  ", " ").strip() for c in clients) + " |", "|---" * (len(clients) + 1) + "|"]
        out += [f"| {f} | " + " | ".join(f"✓ {len(found[c, f])}" if (c, f) in found else "" for c in clients) + " |" for f in features]
        out.append("")
    out += ["## Empty fields", "", "`jobs` and `idempotency` are REST's own; Gradio's clients have no such words. Where a client of one language has no mark and its sister has one, the same address answers both, and only the test is missing. "
            "Not served at all: Gradio's endpoints without a name, a URL in place of a file (it is not fetched); MCP's sampling, elicitation, roots and subscriptions; "
            "stored responses, audio and pictures of OpenAI.", "", "## Tests", ""]
    for path in dict.fromkeys(p for tests in found.values() for p, _ in tests):
        tests = dict.fromkeys(name for all_of in found.values() for p, name in all_of if p == path)
        out.append(f"- `{path}`: " + "; ".join(tests))
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    new, old = page(), PAGE.read_text() if PAGE.exists() else ""
    if parser.parse_args().check and new != old:
        sys.exit("docs/api.md is not what the tests say; run: make gen")
    if new != old:
        PAGE.write_text(new)
    print("gen_clients.py: " + ("docs/api.md written" if new != old else "all up to date"))


if __name__ == "__main__":
    main()
