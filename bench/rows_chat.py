# rows_chat.py: the chat: its first token against a bare program, and many who ask at once.
# SPDX-License-Identifier: Apache-2.0

import json
import re
import subprocess
import threading
import time

from programs import Missing, find
from report import middle
from rows_page import PAGES, copy_of, example, static_server
from wire import Visitor

CHAT = "llama_chat_script"
SYSTEM = "You are a helpful AI assistant powered by Llama 3.1."
QUESTION = "What is a web browser? Explain it in detail, with examples."
MODEL = "models/SmolLM2-135M-Instruct.Q4_1.gguf"
ASK = {"placeholder": "Ask Llama 3.1 something...", "question": QUESTION, "answer": '[data-role="assistant"] .ez-prose', "socket": True, **PAGES[CHAT]}


def bare(chats=1, tokens=512):
    """One run of the bare program: {"first": ms from the process's start to the first token of the first chat, "asked": the same from the
    question, of each chat, "rate": tokens a second of all together}."""
    program, model = find("bench/bare_llama"), find(MODEL)
    out = subprocess.run([program, "--model", model, "--llama", find("llama"), "--system", SYSTEM, "--question", QUESTION, "--chats", str(chats), "--tokens", str(tokens), "--json"],
                         capture_output=True, text=True, check=False)
    if out.returncode:
        raise Missing(f"bare_llama: {out.stderr.strip()[-200:]}")
    return json.loads(out.stdout)


# ---- one person ----

def first_token(bench):
    """Alternately the bare program and ours, each a new process; the question is asked as soon as the page is usable."""
    ours, bares, floors, warm = [], [], [], []
    with example(CHAT) as p, static_server(copy_of(bench, CHAT, p.url)) as floor:
        for _ in range(bench.runs):
            bares.append(bare(tokens=1)["first"])
            floors.append(bench.browser.ask("load", url=floor.url, **PAGES[CHAT])["usable"])
            began = time.time() * 1000
            with example(CHAT) as q:
                got = bench.browser.ask("ask", url=q.url, **ASK)
            ours.append(got["answered"] - began)
            got = bench.browser.ask("ask", url=p.url, pause=300, **ASK)
            warm.append(got["answered"] - got["asked"])
    sums = [b + f for b, f in zip(bares, floors)]
    bench.report.row("chat", "process start → first token seen in Chromium", "ms", ours, sums, "bare program + static page", limit_ratio=1.0)
    bench.report.row("chat", "the same against the bare program alone", "ms", ours, bares, "bare program, first token", note="below 1 is the dream: everything but the page counts there")
    bench.report.row("chat", "question → first token seen, everything warm", "ms", warm)


# ---- many people ----

class Asker(threading.Thread):
    """Asks once, at the same moment as the others, and reads the answer to its end."""

    def __init__(self, port, barrier):
        super().__init__(daemon=True)
        self.visitor, self.barrier = Visitor(port), barrier
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
            self.visitor.event(trigger=(self.box, "submit", QUESTION))
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


def ask_at_once(p, count):
    """(tokens a second of all together, ms to the first token of each, tokens)."""
    barrier = threading.Barrier(count)
    people = [Asker(p.port, barrier) for _ in range(count)]
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
    for count in (1, 4) if bench.quick else (1, 4, 16):
        rates, firsts, cpu, bares = [], [], [], []
        with example(CHAT) as p:
            ask_at_once(p, 1)
            for _ in range(2 if bench.quick else max(3, bench.runs // (4 if count == 1 else 7))):
                bares.append(bare(count))
                own = [pid for pid, role in p.roles().items() if role != "engine"]
                before = sum(p.cpu(own).values())
                rate, first, tokens = ask_at_once(p, count)
                cpu.append((sum(p.cpu(own).values()) - before) / tokens * 1e6)
                rates.append(rate)
                firsts.append(max(first))
        name = "1 chat" if count == 1 else f"{count} chats at once"
        row = bench.report.row("chat", f"{name}: tokens a second of all together", "tok/s", rates, [b["rate"] for b in bares], "bare program, as many in a batch")
        if count == 16:
            row["budget"], row["met"] = "≥ baseline", row["ratio"] >= 1
        bench.report.row("chat", f"{name}: question → the slowest's first token", "ms", firsts, [max(b["asked"]) for b in bares], "bare program, as many in a batch")
        bench.report.row("chat", f"{name}: CPU of supervisor and worker for a token", "µs", cpu, limit=5, note=f"median of {len(cpu)}")


ROWS = (first_token, many)
