# streams.py: the model by OpenAI's protocol: tokens a second of one stream and of many at once.
# SPDX-License-Identifier: Apache-2.0

import http.client
import json
import threading
import time

from contestants import Missing, Running
from people import completion
from rows_chat import SYSTEM, TOPICS

NAME = "streams"
TITLE = "The model by OpenAI's protocol"
METHOD = ("`POST /v1/chat/completions` with a stream, temperature 0 and at most 96 tokens: each client asks three questions that nobody asked before, one after the other, after one that does not count. The tokens are those of the servers' own `usage`.")
VALUES = {
    "throughput": ("throughput", "tokens/s", "tokens of all answers, by the time from the first question to the last answer's end"),
    "first": ("first words", "ms", "from a question to the first words of its answer"),
    "errors": ("failures", "", "questions that got no answer"),
}
ABOUT, MORE_IS_BETTER, TRIMMED = ("streams",), ("throughput",), False
SPEAK_IT, TOKENS, QUESTIONS = ("easel", "llama_server"), 96, 3


class Client(threading.Thread):
    """One that asks its questions, and notes when the first words came and how many tokens there were."""

    def __init__(self, port, model, number, questions):
        super().__init__(daemon=True)
        self.port, self.model, self.number, self.questions = port, model, number, questions
        self.first, self.tokens, self.errors = [], 0, []

    def ask(self, turn):
        # The number stands first, so that nothing of it was evaluated for another but the system message.
        question = f"{self.number * 100 + turn}. Explain in detail what {TOPICS[(self.number + turn * 5) % len(TOPICS)]} is."
        body = {"model": self.model, "stream_options": {"include_usage": True}, "temperature": 0, "max_tokens": TOKENS,
                "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]}
        began, first, tokens = time.perf_counter(), None, None
        for said in completion(self.port, body):
            if first is None and any(c["delta"].get("content") for c in said.get("choices", [])):
                first = (time.perf_counter() - began) * 1000
            tokens = (said.get("usage") or {}).get("completion_tokens", tokens)
        if first is None or not tokens:
            raise Missing("the stream ended without an answer, or without its usage")
        self.first.append(first)
        self.tokens += tokens

    def run(self):
        for turn in self.questions:
            try:
                self.ask(turn)
            except Exception as error:
                self.errors.append(f"{type(error).__name__}: {error}")


def all_ask(port, model, streams, questions):
    """Seconds, and the clients."""
    clients, began = [Client(port, model, i + 1, questions) for i in range(streams)], time.perf_counter()
    for c in clients:
        c.start()
    for c in clients:
        c.join()
    return time.perf_counter() - began, clients


def ready(running):
    """The model's name, once it is loaded."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
            line.request("GET", "/v1/models")
            answer = line.getresponse()
            if answer.status == 200:
                return json.loads(answer.read())["data"][0]["id"]
        except OSError:
            pass
        if not running.alive():
            break
        time.sleep(0.1)
    raise running.failure("it names no model")


def sample(bench, manifest, _turn, streams):
    with Running(manifest, "chat") as running:
        running.await_port()
        model = ready(running)
        try:
            all_ask(running.port, model, streams, [99])
            seconds, clients = all_ask(running.port, model, streams, range(1 if bench.quick else QUESTIONS))
        finally:
            bench.log = running.log()
    errors = [e for c in clients for e in c.errors]
    if len(errors) == streams * (1 if bench.quick else QUESTIONS):
        raise Missing(f"{streams} streams: nobody got an answer: {errors[0]}")
    return {"throughput": sum(c.tokens for c in clients) / seconds, "first": [f for c in clients for f in c.first], "errors": len(errors)}


def tasks(bench):
    for turn in range(max(1, bench.runs // 10)):
        for streams in (1, 4) if bench.quick else (1, 4, 16):
            for manifest in bench.contestants:
                if manifest.name in SPEAK_IT and "chat" in manifest.programs:
                    yield manifest, turn, sample, {"streams": streams}
