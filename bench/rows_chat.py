# rows_chat.py: the chat: its first token against a bare program, and many who ask at once.
# SPDX-License-Identifier: Apache-2.0

import json
import pathlib
import random
import re
import subprocess
import tempfile
import threading
import time

from programs import Missing, ROOT, find
from rows_page import PAGES, copy_of, example, static_server
from wire import Visitor

CHAT = "llama_chat_script"
SYSTEM = "You are a helpful AI assistant powered by Llama 3.1."
# Everybody asks something else: an answer from what was evaluated for somebody else's question would be no answer.
TOPICS = ("a web browser", "a steam engine", "the tide", "a rainbow", "a violin", "a compass", "the moon", "a lighthouse", "bread", "a bridge", "a volcano", "a library", "chess",
          "a glacier", "an orchestra", "a telescope", "a desert", "a bicycle", "a market", "an atom", "a forest", "a harbour", "a clock", "a river", "a museum", "an island", "a castle")


def question(i=0):
    return f"What is {TOPICS[i % len(TOPICS)]}? Explain it in detail, with examples."


MODEL = "models/SmolLM2-135M-Instruct.Q4_1.gguf"
ASK = {"input": "textarea:enabled", "answer": '[data-role="assistant"] .ez-prose'}


def bare_program():
    """bench/bare/bare_llama.c, compiled as its head says; it links llama.cpp, which nothing else in the build does."""
    source, library, out = ROOT / "bench/bare/bare_llama.c", find("llama").resolve(), find("bench") / "bare_llama"
    if not out.exists() or out.stat().st_mtime < source.stat().st_mtime:
        libraries = ["-l:libllama.v0.5.0.so", "-l:libggml.v0.5.0.so", "-l:libggml-base.so"]
        got = subprocess.run(["cc", "-O2", source, f"-I{library}/include", f"-L{library}", *libraries, f"-Wl,-rpath,{library}", "-o", out], capture_output=True, text=True, check=False)
        if got.returncode:
            raise Missing(f"bare_llama.c does not compile: {got.stderr[-200:]}")
    return out


def bare(tokens=512):
    """The bare program with the chat's messages and sampling, once with one thread and once with all cores, and the better of each
    figure: threads that meet at spinning barriers are slow where a neighbour takes a core. {"first": ms from the process's start to its
    first token, "answer": ms from the question to it (model and context are there), "rate": tokens a second}."""
    one, all_cores = bare_run(tokens, 1), bare_run(tokens, 0)
    return {"first": min(one["first"], all_cores["first"]), "answer": min(one["answer"], all_cores["answer"]), "rate": max(one["rate"], all_cores["rate"])}


def bare_run(tokens, threads):
    words = [bare_program(), "--llama", find("llama").resolve(), "--model", find(MODEL).resolve(), "--system", SYSTEM, "--prompt", question(), "--n-ctx", 2048, "--tokens", tokens,
             "--temperature", 0.7, "--top-p", 0.9, "--seed", random.randrange(1, 1 << 30), "--start", time.monotonic_ns()]
    words += ["--threads", threads] if threads else []
    got = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    if got.returncode:
        raise Missing(f"bare_llama: {got.stderr.strip()[-200:]}")
    row = json.loads(got.stdout)
    return {"first": row["first_token_ms"], "answer": row["first_token_ms"] - row["context_ms"], "rate": row["tokens_per_second"]}


# ---- one person ----

def keep_system(folder):
    """Starts the chat once with this data folder, until it has written there what its system prompt was evaluated to."""
    with example(CHAT, data=folder):
        for _ in range(600):
            if list(pathlib.Path(folder).glob("system-????????????????")):
                return
            time.sleep(0.1)
    raise Missing("the evaluated system prompt is not kept")


def first_token(bench):
    """Alternately the bare program and ours, each a new process; the question is asked as soon as the page is usable."""
    ours, again, bares, floors, warm = [], [], [], [], []

    def started(data=None):
        began = time.time() * 1000
        with example(CHAT, data=data) as q:
            return bench.browser.ask("ask", url=q.url, question=question(), **ASK)["answered"] - began

    with tempfile.TemporaryDirectory() as kept, example(CHAT) as p, static_server(copy_of(bench, CHAT, p.url)) as floor:
        keep_system(kept)
        for turn in range(bench.runs):
            bares.append(bare(tokens=1)["first"])
            floors.append(bench.browser.ask("load", url=floor.url, **PAGES[CHAT])["usable"])
            ours.append(started())
            again.append(started(data=kept))
            got = bench.browser.ask("ask", url=p.url, pause=300, question=question(turn), **ASK)
            warm.append(got["answered"] - got["asked"])
    sums = [b + f for b, f in zip(bares, floors)]
    bench.report.row("chat", "process start → first token seen in Chromium", "ms", ours, sums, "bare program + static page", limit_ratio=1.0)
    bench.report.row("chat", "the same, started again with its data folder", "ms", again, sums, "bare program + static page", limit_ratio=1.0, note="the system prompt's keys and values are there")
    bench.report.row("chat", "the same against the bare program alone", "ms", ours, bares, "bare program, first token", note="below 1 is the dream: everything but the page counts there")
    bench.report.row("chat", "question → first token seen, everything warm", "ms", warm)


# ---- many people ----

class Asker(threading.Thread):
    """Asks once, at the same moment as the others, and reads the answer to its end."""

    def __init__(self, port, barrier, question):
        super().__init__(daemon=True)
        self.visitor, self.barrier, self.question = Visitor(port), barrier, question
        self.visitor.get()
        self.box = self.visitor.nodes.one(lambda e: e["tag"] == "textarea")["node"]
        self.visitor.connect()
        self.first = self.end = self.rate = self.error = None
        self.answer = None

    def look(self, op, now):
        kind, node, html = op[0], op[1], op[-1]
        if kind == "p" and 'data-state="streaming"' in html and "ez-chat-text" in html:
            self.answer = node
        if node != self.answer:
            return
        said = kind in ("t", "l") or (kind == "p" and re.search(r"data-ez-end>\s*<?[^<]*[^<\s]", html.replace("data-ez-end></div>", "")))
        if said and not self.first:
            self.first = now
        if kind == "p" and 'data-state="streaming"' not in html:
            figures = re.search(r"([\d.]+) tokens/s", html)
            if 'data-state="done"' not in html or not figures:
                raise Missing(f"an answer ended badly: {re.sub('<[^>]*>', ' ', html)[-200:]}")
            self.end, self.rate = now, float(figures.group(1))

    def run(self):
        try:
            self.barrier.wait()
            self.began = time.perf_counter()
            self.visitor.event(trigger=(self.box, "submit", self.question))
            while not self.end:
                for message in self.visitor.receive(120):
                    now = time.perf_counter()
                    for op in message.get("o", []):
                        self.look(op, now)
        except Exception as error:
            self.error = error

    @property
    def tokens(self):
        return self.rate * (self.end - self.first)


def ask_at_once(p, count, turn):
    """(tokens a second of all together, ms to the first token of each, tokens)."""
    barrier = threading.Barrier(count)
    people = [Asker(p.port, barrier, question(turn * count + i)) for i in range(count)]
    time.sleep(1.5)
    for a in people:
        a.start()
    for a in people:
        a.join(300)
    for a in people:
        a.visitor.close()
        if a.error or not a.end:
            raise Missing(f"{count} chats: {a.error or 'an answer did not end'}")
    tokens = sum(a.tokens for a in people)
    return tokens / (max(a.end for a in people) - min(a.began for a in people)), [(a.first - a.began) * 1000 for a in people], tokens


def many(bench):
    """CPU a token counts what supervisor and worker use; the engine's is the model's."""
    alone = [bare() for _ in range(2 if bench.quick else 5)]
    for count in (1, 4) if bench.quick else (1, 4, 16):
        rates, firsts, cpu = [], [], []
        with example(CHAT) as p:
            ask_at_once(p, 1, 26)
            for turn in range(2 if bench.quick else 10 if count == 1 else 3):
                own = [pid for pid, role in p.roles().items() if role != "engine"]
                before = sum(p.cpu(own).values())
                rate, first, tokens = ask_at_once(p, count, turn)
                cpu.append((sum(p.cpu(own).values()) - before) / tokens * 1e6)
                rates.append(rate)
                firsts.append(max(first))
        name = "1 chat" if count == 1 else f"{count} chats at once"
        bench.report.row("chat", f"{name}: tokens a second of all together", "tok/s", rates, [b["rate"] for b in alone], "bare program, one chat")
        bench.report.row("chat", f"{name}: question → the slowest's first token", "ms", firsts, [b["answer"] for b in alone], "bare program, one chat")
        bench.report.row("chat", f"{name}: CPU of supervisor and worker for a token", "µs", cpu, limit=5)


ROWS = (first_token, many)
