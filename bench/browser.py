# browser.py: the one Chromium of a run, driven by browser.mjs; and static pages of the same size as ours.
# SPDX-License-Identifier: Apache-2.0

import gzip
import json
import pathlib
import re
import subprocess
import urllib.request

from programs import Missing, ROOT


class Browser:
    """A Chromium that a script drives, this one or another that serves its commands by driver.mjs."""

    def __init__(self, script=ROOT / "bench/browser.mjs"):
        self.child = subprocess.Popen(["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = "Chromium " + self.ask("version")["version"]

    def send(self, command, **options):
        self.child.stdin.write(json.dumps({"cmd": command, **options}) + "\n")
        self.child.stdin.flush()

    def answer(self):
        line = self.child.stdout.readline()
        if not line:
            raise Missing("the browser has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise Missing(answer["error"])
        return answer

    def ask(self, command, **options):
        self.send(command, **options)
        return self.answer()

    def close(self):
        self.child.stdin.close()
        self.child.wait(20)


def fetch(url, encoding):
    request = urllib.request.Request(url, headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), answer.headers.get("Content-Encoding", "")


def plain(body, encoding):
    if encoding == "br":
        return subprocess.run(["brotli", "-dc"], input=body, capture_output=True, check=True).stdout
    return gzip.decompress(body) if encoding == "gzip" else body


def squeeze(body, encoding):
    if encoding == "br":
        return subprocess.run(["brotli", "-c", "-q", "11"], input=body, capture_output=True, check=True).stdout
    return gzip.compress(body, 6) if encoding == "gzip" else body


def inert(script):
    """A script of the same size on the wire that does nothing: the same text as a comment."""
    return b"/*" + script.replace(b"*/", b"* ") + b"*/"


def static_copy(url, folder):
    """Writes a static page of the same bytes into a folder: the page as it was printed, its own styles, its scripts as comments.
    What changes with each visit (the ids in ez-boot) stays as it was this once."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    body, encoding = fetch(url, "gzip, br")
    page = plain(body, encoding).decode()

    def take(match):
        address = match.group(2).split("#")[0]
        if address.startswith(("data:", "http:", "https:")):
            return match.group()
        name = address.rsplit("/", 1)[-1]
        content, way = fetch(url + address.removeprefix("./"), "gzip, br")
        if name.endswith((".js", ".mjs")):
            content = squeeze(inert(plain(content, way)), way)
        (folder / (name + {"br": ".br", "gzip": ".gz"}.get(way, ""))).write_bytes(content)
        if way:
            (folder / name).write_bytes(b"")
        return f'{match.group(1)}"{name}{match.group(2)[len(address):]}"'

    page = re.sub(r'(<(?:link|script|use|img)\b[^>]*?\b(?:href|src)=)"([^"]*)"', take, page)
    (folder / "index.html").write_bytes(b"")
    (folder / ("index.html.gz" if encoding == "gzip" else "index.html.br" if encoding == "br" else "index.html")).write_bytes(squeeze(page.encode(), encoding))
    return folder
