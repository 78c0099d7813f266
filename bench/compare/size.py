# size.py: what has to be installed, and what starting costs before anything is served.
# SPDX-License-Identifier: Apache-2.0

import importlib.metadata
import pathlib
import re
import statistics
import subprocess
import time

from contestants import Missing, Running

NAME = "size"
TITLE = "Size"
METHOD = ("For a Python system: its distribution and all that it requires, by the records of their installation, without Python itself and without llama-cpp-python. For Easel: the program with all that it holds, "
          "and the shared libraries that it loads which a bare Debian does not have. *Import* is a process that imports the package and ends, less one that imports nothing; for Easel a process that says its version.")
VALUES = {
    "installed": ("installed", "MB", "all files together"),
    "files": ("files", "", "how many they are"),
    "packages": ("packages", "", "distributions, or shared libraries"),
    "import": ("import", "ms", "what it costs until the first line of the program can run"),
}
LARGEST = 10             # packages of a start that are named
SYSTEMS = {"streamlit": "streamlit", "gradio": "gradio", "nicegui": "nicegui", "dash": "dash"}
TRIMMED = False


def closure(name):
    """The distribution and all that it requires here, without extras."""
    found, left = {}, [name]
    while left:
        wanted = re.sub(r"[-_.]+", "-", left.pop()).lower()
        if wanted in found:
            continue
        try:
            found[wanted] = importlib.metadata.distribution(wanted)
        except importlib.metadata.PackageNotFoundError:
            continue                                   # required elsewhere than on this system
        for need in found[wanted].requires or []:
            if "extra ==" not in need:
                left.append(re.match(r"[\w.-]+", need).group())
    return found


def python_size(name):
    files = {}
    for distribution in closure(name).values():
        for file in distribution.files or []:
            path = pathlib.Path(file.locate())
            if path.is_file():
                files[path] = path.stat().st_size
    return {"installed": sum(files.values()) / 1e6, "files": len(files), "packages": len(closure(name))}


def spent(words):
    began = time.perf_counter()
    got = subprocess.run(words, capture_output=True, check=False)
    if got.returncode:
        raise Missing(f"{' '.join(words)[-80:]} ended with status {got.returncode}: {got.stderr.decode(errors='replace')[-200:]}")
    return (time.perf_counter() - began) * 1000


def import_split(python, name):
    """{"import of NAME": ms} of the packages that cost most, by `python -X importtime`, each without the packages that it imports in turn."""
    got = subprocess.run([python, "-X", "importtime", "-c", f"import {name}"], capture_output=True, text=True, check=False)
    packages = {}
    for own, module in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", got.stderr):
        package = module.split(".")[0]
        packages[package] = packages.get(package, 0) + int(own) / 1000
    most = sorted(packages, key=packages.get, reverse=True)[:LARGEST]
    rest = {"everything else": sum(packages.values()) - sum(packages[p] for p in most)}
    return {f"import of {p}": ms for p, ms in {**{p: packages[p] for p in most}, **rest}.items()}


def start_split(manifest):
    """Ours: until the chat listens, and how long its engine loads the model, which goes on meanwhile."""
    with Running(manifest, "chat") as running:
        running.await_port()
        listening = running.logged("is listening on", 20)
        ready = running.logged(r"ready after \d+ ms", 60)
        if not listening or not ready:
            raise running.failure("its log does not say that it listens and that its model is loaded")
        loaded = int(re.search(r"ready after (\d+) ms", running.log()).group(1))
        return {"start of the supervisor, the worker and the socket": (listening - running.began) * 1000, "start of the engine's process": (ready - running.began) * 1000 - loaded,
                "load of the model, meanwhile": loaded}


def extra_text(run):
    """Where the start of each goes."""
    out = []
    for contestant in run.results.contestants(NAME):
        names = list(dict.fromkeys(name for r in run.results.samples if r["measure"] == NAME and r["contestant"] == contestant for name in r["values"] if name not in VALUES))
        parts = ", ".join(f"{name} {statistics.median(run.results.values(NAME, contestant, name)):.0f} ms" for name in names)
        out += [f"- {run.title(contestant)}: {parts}."] if parts else []
    return ["Where the start goes:", "", *out, ""] if out else []


def program_size(program):
    out = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    base = re.compile(r"/(libc|libm|libdl|libpthread|librt|ld-linux[^/]*|libgcc_s)\.so")
    libraries = {pathlib.Path(p).resolve() for p in re.findall(r"(/\S+\.so\S*)", out) if not base.search(p)}
    sizes = [pathlib.Path(program).stat().st_size] + [p.stat().st_size for p in libraries]
    return {"installed": sum(sizes) / 1e6, "files": len(sizes), "packages": len(libraries)}


def sample(bench, manifest, _turn):
    if manifest.name in SYSTEMS:
        python, name = manifest.filled("{peers}/bin/python"), SYSTEMS[manifest.name]
        spent([python, "-c", f"import {name}"])
        runs = range(1 if bench.quick else 5)
        return {**python_size(name), **import_split(python, name), "import": [spent([python, "-c", f"import {name}"]) - spent([python, "-c", ""]) for _ in runs]}
    program = manifest.filled("{build}/examples/llama_chat_script")
    easel = manifest.filled("{build}/easel")
    return {**program_size(program), **start_split(manifest), "import": [spent([easel, "version"]) for _ in range(1 if bench.quick else 5)]}


def tasks(bench):
    for manifest in bench.contestants:
        if manifest.name in SYSTEMS or manifest.name == "easel":
            yield manifest, 0, sample, {}
