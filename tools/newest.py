#!/usr/bin/env python3
# newest.py: runs the clients' tests with the newest versions of the clients, and leaves the lock files as they are.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tools/newest.py                        installs what the registries have today into a temporary folder and runs tests/clients with it
#   python3 tools/newest.py --only python --match gradio
#   python3 tools/newest.py --versions             says which versions there are, and runs nothing
#
# Needs a finished build (`make newest` sees to that). A client is a package that a test in tests/clients imports. The exit status is 0 when nothing failed.

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import venv

import run_tests

ROOT = pathlib.Path(__file__).resolve().parent.parent


def npm_clients(pins, sources):
    """The pinned packages that these texts of scripts import: {name: version}."""
    imported = {name for text in sources for name in re.findall(r'^import [^;]*?"((?:@[\w.-]+/)?[\w.-]+)[^"]*";', text, re.M)}
    return {name: version for name, version in sorted(pins.items()) if name in imported}


def pypi_clients(requirements):
    """What a file of requirements pins: {name: version}."""
    return dict(sorted(re.findall(r"^([\w.-]+)==(\S+)$", requirements, re.M)))


def call(what, command, **how):
    """Runs a command; None when it went well, otherwise a sentence."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, **how)
    return None if done.returncode == 0 else f"{what} failed: {(done.stderr or done.stdout).strip()[-2000:]}"


def scratch(folder):
    """A tree in which the tests run: copies of them, beside the build and the models of this one. The conformance tools of MCP are no client, and the newest release is older than the pinned one."""
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("node_modules", "__pycache__", "package-lock.json", "mcp_conformance.test.mjs"))
    (folder / "bench").mkdir()
    for file in (ROOT / "bench").glob("*.py"):
        shutil.copy2(file, folder / "bench")
    (folder / ".cache").mkdir()
    (folder / "build").symlink_to(ROOT / "build")
    for name in ("models", "llama"):
        if (ROOT / ".cache" / name).exists():
            (folder / ".cache" / name).symlink_to((ROOT / ".cache" / name).resolve())


def install_npm(folder, pins):
    manifest = {"name": "easel-newest", "private": True, "type": "module", "dependencies": {name: "latest" for name in pins}}
    (folder / "tests/package.json").write_text(json.dumps(manifest))
    wrong = call("npm install", ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"], cwd=folder / "tests")
    return wrong, {} if wrong else {name: json.loads((folder / "tests/node_modules" / name / "package.json").read_text())["version"] for name in pins}


def install_pypi(folder, pins):
    python = folder / ".cache/venv/bin/python"
    venv.create(folder / ".cache/venv", with_pip=True)
    wrong = call("pip install", [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--upgrade", *pins])
    if wrong:
        return wrong, {}
    listed = subprocess.run([python, "-m", "pip", "list", "--format=json", "--disable-pip-version-check"], capture_output=True, text=True, check=True).stdout
    found = {re.sub(r"[-_.]+", "-", p["name"]).lower(): p["version"] for p in json.loads(listed)}
    return None, {name: found[re.sub(r"[-_.]+", "-", name).lower()] for name in pins}


def tell(kind, pins, newest):
    for name, version in pins.items():
        print(f"{kind:<5} {name:<28} {version:<10} {'is the newest' if newest.get(name) == version else 'newest: ' + newest.get(name, 'not installed')}", flush=True)


KINDS = {"node": ("npm", install_npm), "python": ("PyPI", install_pypi)}


def main():
    parser = argparse.ArgumentParser(description="Runs the clients' tests with the newest versions of the clients.")
    parser.add_argument("--only", default=",".join(KINDS), help="node, python, or both with a comma between")
    parser.add_argument("--match", default="", help="only files with this in their path")
    parser.add_argument("--versions", action="store_true", help="only says which versions there are")
    parser.add_argument("--anyway", action="store_true", help="runs the tests even if the lock files have the newest of all")
    options = parser.parse_args()
    pins = {"node": npm_clients(json.loads((ROOT / "tests/package.json").read_text())["dependencies"], [p.read_text() for p in (ROOT / "tests/clients").glob("*.mjs")]),
            "python": pypi_clients((ROOT / "tests/requirements.txt").read_text())}
    wanted = [kind for kind in options.only.split(",") if kind]
    if not set(wanted) <= set(KINDS):
        parser.error(f"--only {options.only}: the kinds are {' and '.join(KINDS)}")
    with tempfile.TemporaryDirectory(prefix="easel-newest-") as name:
        folder, newer = pathlib.Path(name).resolve(), []
        scratch(folder)
        for kind in wanted:
            registry, install = KINDS[kind]
            wrong, newest = install(folder, pins[kind])
            tell(registry, pins[kind], newest)
            if wrong:
                run_tests.count(0, [wrong], f"newest of {registry}", 0)
            newer += [(kind, client, newest[client]) for client in newest if newest[client] != pins[kind][client]]
        if not options.versions and (newer or options.anyway):
            run_tests.ROOT = folder
            run_tests.options.match = options.match
            for kind in wanted:
                pattern, work, shown = ("*.test.mjs", run_tests.node_twice, run_tests.tap_failures) if kind == "node" else ("test_*.py", run_tests.python_file, str)
                run_tests.files(run_tests.find(pattern, under=("tests/clients",)), work, shown)
    print()
    for _, client, version in newer:
        print(f"tried: {client} {version}")
    for failure in run_tests.failures:
        print(f"failed: {failure}")
    if not newer and not run_tests.failures:
        print("The lock files have the newest of all.")
    elif not run_tests.failures and not options.versions:
        print("All pass: the versions may go into tests/package.json (then npm install in tests/) and tests/requirements.txt.")
    if run_tests.passed or run_tests.failures:
        print(f"{run_tests.passed} passed, {len(run_tests.failures)} failed")
    return 1 if run_tests.failures else 0


if __name__ == "__main__":
    sys.exit(main())
