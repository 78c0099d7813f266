# size.py: what has to be installed, and what starting costs before anything is served.
# SPDX-License-Identifier: Apache-2.0

import importlib.metadata
import pathlib
import re
import subprocess
import time

from contestants import Missing

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
        return {**python_size(name), "import": [spent([python, "-c", f"import {name}"]) - spent([python, "-c", ""]) for _ in runs]}
    program = manifest.filled("{build}/examples/llama_chat_script")
    easel = manifest.filled("{build}/easel")
    return {**program_size(program), "import": [spent([easel, "version"]) for _ in range(1 if bench.quick else 5)]}


def tasks(bench):
    for manifest in bench.contestants:
        if manifest.name in SYSTEMS or manifest.name == "easel":
            yield manifest, 0, sample, {}
