# crowd.py: many users at once, by Locust; a process of its own, because Locust replaces what blocks with greenlets.
# SPDX-License-Identifier: Apache-2.0
#
#   python crowd.py --contestant easel --port 8501 --task echo --users 50 --seconds 20
#
# Prints one line of JSON: every latency in ms with the number of its user, errors, and how long all of it took.

from gevent import monkey

monkey.patch_all()

import argparse
import json
import pathlib
import random
import sys
import time

import gevent
from locust import User, between, task
from locust.env import Environment

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from api import Caller
from people import PATIENCE, PEOPLE
from rows_chat import TOPICS

THINK = (0, 0.5)         # seconds between an answer and the next input


def user_class(options, out):
    opened = []
    kind = (lambda port: Caller(port, options.task)) if options.task in Caller.KINDS else PEOPLE[options.contestant]

    class Crowd(User):
        wait_time = between(*THINK)

        def on_start(self):
            self.number, self.turn = len(opened), 0
            opened.append(self)
            self.person = kind(options.port)
            try:
                self.person.open()
            except Exception as error:
                out["errors"].append(f"open: {error}")
                self.person = None

        def on_stop(self):
            if self.person:
                self.person.close()

        @task
        def work(self):
            if not self.person:
                gevent.sleep(1)
                return
            self.turn += 1
            try:
                if options.task == "ask":
                    got = self.person.ask(f"What is {random.choice(TOPICS)}? Answer in one sentence.")
                    out["first"].append((self.number, got["first"] * 1000))
                    out["chars"] += got["chars"] * (time.time() >= out["from"])
                    took = got["total"]
                elif options.task in Caller.KINDS:
                    took = self.person.call(f"word {self.number} {self.turn}")
                else:
                    took = self.person.click() if options.task == "click" else self.person.echo(f"word {self.number} {self.turn}")
            except Exception as error:
                out["errors"].append(str(error)[:200])
                self.person = None
                return
            if time.time() >= out["from"]:
                out["latency"].append((self.number, took * 1000))

    return Crowd


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--contestant", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--task", choices=("click", "echo", "ask", "call", "rest", "mcp"), required=True)
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    out = {"latency": [], "first": [], "chars": 0, "errors": [], "from": float("inf")}
    runner = Environment(user_classes=[user_class(options, out)]).create_local_runner()
    runner.start(options.users, spawn_rate=max(10, options.users / 3))
    while runner.user_count < options.users and runner.state != "stopped":
        gevent.sleep(0.05)
    out["from"] = began = time.time()            # what was done while people still came does not count
    gevent.sleep(options.seconds)
    while not out["latency"] and len(out["errors"]) < options.users and time.time() - began < PATIENCE:      # a slow one is slow, and not silent
        gevent.sleep(0.1)
    out["seconds"] = time.time() - began
    runner.quit()
    print(json.dumps(out))


if __name__ == "__main__":
    main()
