# chromium.py: the one Chromium of a comparison, driven by chromium.mjs over two pipes.
# SPDX-License-Identifier: Apache-2.0

import json
import pathlib
import subprocess

from contestants import Failed


class Browser:
    def __init__(self):
        script = pathlib.Path(__file__).with_name("chromium.mjs")
        self.child = subprocess.Popen(["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = self.ask("version")["version"]

    def send(self, command, **options):
        self.child.stdin.write(json.dumps({"cmd": command, **options}) + "\n")
        self.child.stdin.flush()

    def answer(self):
        line = self.child.stdout.readline()
        if not line:
            raise Failed("the browser has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def ask(self, command, **options):
        self.send(command, **options)
        return self.answer()

    def close(self):
        self.child.stdin.close()
        self.child.wait(20)
