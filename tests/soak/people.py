# people.py: visitors by the thousand: each loads the page, connects, clicks, types, chats, loses the line, reloads, listens to a stream, and leaves.
# SPDX-License-Identifier: Apache-2.0

import asyncio
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from wire import Broken, Visitor, frame, take_frame  # noqa: E402

WAIT_S = 120


class Person(Visitor):
    """A visitor of wire.py who waits without a thread of his own."""

    async def exchange(self, text):
        """One request on a connection of its own."""
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self.port), WAIT_S)
        writer.write(text.encode())
        answer = await asyncio.wait_for(reader.read(), WAIT_S)
        writer.close()
        return answer

    async def get(self):
        tab = f"; {self.boot['cookie']}-tab={self.boot['session']}" if getattr(self, "boot", None) else ""
        cookie = f"Cookie: {self.cookies}{tab}\r\n" if getattr(self, "cookies", "") else ""
        answer = await self.exchange(f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{cookie}Connection: close\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        known = getattr(self, "cookies", "")
        self.take_page(head.decode("latin-1"), body)
        self.cookies = self.cookies or known

    async def connect(self):
        self.reader, self.writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self.port), WAIT_S)
        self.writer.write(self.handshake())
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WAIT_S)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise Broken(f"WebSocket: {head.splitlines()[0].decode()}")
        self.buffer, self.parts, self.rev = bytearray(), "", getattr(self, "rev", 0)
        self.say(self.hello())
        await self.until(lambda m: "hi" in m)
        return self

    async def open(self):
        await self.get()
        return await self.connect()

    def hello(self):
        """As the tab stands now, which may have been connected before."""
        return {**super().hello(), "frame": self.frame, **({"u": self.unsettled} if getattr(self, "unsettled", None) else {})}

    def drop(self):
        """The network is gone without a word."""
        self.writer.transport.abort()

    async def reload(self):
        """The tab asks for its page anew, while its old line may seem to be open."""
        self.drop()
        self.number = 0
        await self.get()
        return await self.connect()

    async def do_cut(self, trigger):
        """The line breaks right behind an event; it goes again when there is a new one, and counts once."""
        number = self.event(trigger)
        self.unsettled = [[self.boot["view"], number]]
        await asyncio.sleep(0)
        self.drop()
        await self.connect()
        self.unsettled, self.number = [], number - 1
        return await self.do(trigger)

    def say(self, message):
        self.writer.write(frame(json.dumps(message)))

    def pong(self, payload):
        self.writer.write(bytes([0x8A, 0x80 | len(payload)]) + b"\0\0\0\0" + payload)

    async def receive(self):
        """The next message."""
        while True:
            while (got := take_frame(self.buffer)) is None:
                piece = await asyncio.wait_for(self.reader.read(65536), WAIT_S)
                if not piece:
                    raise Broken("the line was cut")
                self.buffer += piece
            opcode, payload = got
            if opcode == 9:
                self.pong(payload)
            elif opcode == 8:
                raise Broken(f"the server closed the line: {payload[:2].hex()} {payload[2:].decode('utf-8', 'replace')}")
            elif opcode in (0, 1):
                text = self.parts + payload.decode().removeprefix("+")
                self.parts = text if payload[:1] == b"+" else ""
                if not self.parts:
                    message = json.loads(text)
                    self.frame = message.get("f", self.frame)
                    self.boot |= {k: v for k, v in message.get("hi", {}).items() if k in ("epoch", "session")}
                    return message

    async def until(self, test):
        """All messages up to the first that passes."""
        seen = [await self.receive()]
        while not test(seen[-1]):
            seen.append(await self.receive())
        return seen

    async def do(self, trigger=None, values=()):
        """Sends an event and gives all that came until it is settled."""
        number = self.event(trigger, values)
        return await self.until(lambda m: m.get("a", 0) >= number or (m.get("no") or [0])[0] == number)

    async def leave(self):
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            pass


class Places:
    """Ids of what visitors use on the page of tests/programs/visited.c. They are the same for everybody."""

    def __init__(self, page):
        nodes = page.nodes
        key = lambda name: nodes.one(lambda e: f"ez-key-{name}" in (e["attributes"].get("class") or "").split())["node"]  # noqa: E731
        self.count, self.text, self.name, self.go, self.say, self.stream = (key(k) for k in ("count", "text", "name", "go", "say", "stream"))


def shows(messages, words):
    return any(words in json.dumps(m.get("o", "")) for m in messages)


async def stay(port, places, dice, pause=0.0):
    """One visitor, from first to last. Raises Broken when the page does not do what he sees others' pages do."""
    p = await Person(port).open()
    try:
        await work(p, places, dice, pause)
    finally:
        await p.leave()


async def work(p, places, dice, pause):
    if places.count not in p.html:             # a slow machine answered before the page had come so far
        await p.until(lambda m: places.count in json.dumps(m.get("o", "")))
    clicks = dice.randint(1, 4)
    for i in range(clicks):
        cut = dice.random() < 0.1
        seen = await (p.do_cut if cut else p.do)((places.count, "click", None))
        if not shows(seen, f"count {i + 1}"):
            raise Broken(f"click {i + 1}{' of a line that was cut' * cut} did not count: {seen}")
        await asyncio.sleep(dice.random() * pause)
    word = f"w{dice.randint(0, 10**9)}"
    if not shows(await p.do(values=[(places.text, word)]), f"echo {word}"):
        raise Broken("what was typed did not come back")
    await asyncio.sleep(dice.random() * pause)
    if dice.random() < 0.3:
        for i in range(dice.randint(1, 3)):
            if not shows(await p.do((places.say, "submit", f"question {i}")), f"question {i}"):
                raise Broken("what was said is not in the chat")
    if dice.random() < 0.3:
        seen = await p.do((places.go, "click", None), [(places.name, word)])
        if not shows(seen, f"Hello {word}"):
            await p.until(lambda m: f"Hello {word}" in json.dumps(m))
    if dice.random() < 0.2:
        await reload(p, f"count {clicks}", word)
    if dice.random() < 0.2:
        seen = await p.do((places.stream, "click", None))
        if dice.random() < 0.7 and not shows(seen, "That is all."):       # the others leave while it goes on
            await p.until(lambda m: "That is all." in json.dumps(m))
    await asyncio.sleep(dice.random() * pause)


async def reload(p, counted, word):
    await p.reload()
    if counted not in p.html or f"echo {word}" not in p.html:
        raise Broken("after a reload the page is another one")


async def crowd(port, places, count, at_once, seed, pause=0.0):
    """`count` visitors, `at_once` of them at a time."""
    left = iter(range(count))

    async def seat():
        for i in left:
            try:
                await stay(port, places, random.Random(seed * 1000003 + i), pause)
            except Exception as error:
                raise Broken(f"visitor {i} (seed {seed}): {type(error).__name__}: {error}") from error

    await asyncio.gather(*(seat() for _ in range(at_once)))
