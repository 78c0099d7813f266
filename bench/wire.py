# wire.py: visitors without a browser: docs/wire.md over plain sockets.
# SPDX-License-Identifier: Apache-2.0

import base64
import html.parser
import json
import os
import re
import select
import socket
import struct
import time

ROOT_NODE = "ez_________"
# A call of the function that says back, by the Model Context Protocol.
MCP = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {"text": "word"}, "_meta": {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}}}
MCP_HEADERS = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "echo"}


class Broken(Exception):
    """The server did not say what docs/wire.md promises."""


def readable(line, seconds):
    """Whether there is something to read on a socket, waiting for it."""
    arrived = select.poll()                      # select itself knows no descriptor above 1,023
    arrived.register(line, select.POLLIN)
    return bool(arrived.poll(seconds * 1000))


def frame(text):
    """A masked text frame. The mask is zero, so that the client costs as little as possible; it is legal."""
    data = text.encode()
    size = len(data)
    head = struct.pack("!BB", 0x81, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x81, 0x80 | 126, size) if size < 65536 else struct.pack("!BBQ", 0x81, 0x80 | 127, size)
    return head + b"\0\0\0\0" + data


def take_frame(buffer):
    """(opcode, payload) of the first whole frame in a bytearray, which loses it; None while it is not whole."""
    if len(buffer) < 2:
        return None
    size, at = buffer[1] & 127, 2
    if size == 126:
        if len(buffer) < 4:
            return None
        size, at = struct.unpack_from("!H", buffer, 2)[0], 4
    elif size == 127:
        if len(buffer) < 10:
            return None
        size, at = struct.unpack_from("!Q", buffer, 2)[0], 10
    if len(buffer) < at + size:
        return None
    opcode, payload = buffer[0] & 15, bytes(buffer[at:at + size])
    del buffer[:at + size]
    return opcode, payload


class Nodes(html.parser.HTMLParser):
    """Finds nodes in HTML by what is said in them: id of the nearest element that is a node, tag, attributes, text."""

    VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.found = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        own = attributes.get("id", "")
        node = own[:11] if re.fullmatch(r"[\w-]{11}(-.*)?", own) else (self.stack[-1]["node"] if self.stack else "")
        element = {"tag": tag, "node": node, "attributes": attributes, "text": ""}
        self.found.append(element)
        if tag not in self.VOID:
            self.stack.append(element)

    def handle_endtag(self, tag):
        while self.stack:
            if self.stack.pop()["tag"] == tag:
                break

    def handle_data(self, data):
        for element in self.stack:
            element["text"] += data

    def one(self, test):
        for element in self.found:
            if test(element):
                return element
        raise Broken("an element that the row needs is not on the page")

    def button(self, text):
        return self.one(lambda e: e["tag"] == "button" and e["text"].strip() == text)["node"]

    def control(self, **attributes):
        return self.one(lambda e: all(e["attributes"].get(k) == v for k, v in attributes.items()))["node"]

    def field(self, label):
        """The control with this label."""
        name = self.one(lambda e: e["tag"] == "label" and e["text"].strip() == label)
        return name["node"]


class Visitor:
    """A browser with its cookie and one tab. Blocking, unless it is driven by `arrived`."""

    def __init__(self, port, path="/"):
        self.port, self.path = port, path
        self.number = self.rev = self.frame = 0
        self.buffer, self.parts = bytearray(), ""
        self.socket = None

    # ---- the page ----

    def get(self):
        with socket.create_connection(("127.0.0.1", self.port), 30) as s:
            s.sendall(f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while piece := s.recv(65536):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        self.take_page(head.decode("latin-1"), body)

    def take_page(self, head, body):
        if " 200 " not in head.split("\r\n")[0]:
            raise Broken(f"GET {self.path}: {head.splitlines()[0]}")
        if "chunked" in head.lower():
            whole = b""
            while body:
                size, _, body = body.partition(b"\r\n")
                whole, body = whole + body[:int(size, 16)], body[int(size, 16) + 2:]
            body = whole
        self.html = body.decode()
        self.cookies = "; ".join(c.split(";")[0] for c in re.findall(r"^set-cookie: *(.*)$", head, re.M | re.I))
        boot = re.search(r'<script[^>]*id="ez-boot"[^>]*>(.*?)</script>', self.html, re.S)
        if not boot:
            raise Broken("the page has no ez-boot")
        self.boot = json.loads(boot.group(1))
        self.frame = self.boot["frame"]

    @property
    def nodes(self):
        return Nodes(self.html)

    # ---- the line ----

    def handshake(self):
        key = base64.b64encode(os.urandom(16)).decode()
        return (f"GET /_easel/ws HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                f"Sec-WebSocket-Version: 13\r\nOrigin: http://127.0.0.1:{self.port}\r\nCookie: {self.cookies}\r\n\r\n").encode()

    def hello(self):
        b = self.boot
        return {"t": "hello", "view": b["view"], "session": b["session"], "epoch": b["epoch"], "frame": b["frame"], "build": b["build"], "path": self.path, "n": self.number}

    def connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(self.handshake())
        while b"\r\n\r\n" not in self.buffer:
            piece = self.socket.recv(65536)
            if not piece:
                raise Broken("the WebSocket was closed in its handshake")
            self.buffer += piece
        head, _, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise Broken(f"WebSocket: {head.splitlines()[0].decode()}")
        self.buffer = bytearray(rest)
        self.say(self.hello())
        self.until(lambda m: "hi" in m)
        return self

    def open(self):
        self.get()
        return self.connect()

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def say(self, message):
        self.socket.sendall(frame(json.dumps(message)))

    def messages(self):
        """Whole messages in what has arrived; pings are answered."""
        out = []
        while (got := take_frame(self.buffer)) is not None:
            opcode, payload = got
            if opcode == 9:
                self.socket.sendall(struct.pack("!BB", 0x8A, 0x80 | len(payload)) + b"\0\0\0\0" + payload)
            elif opcode == 8:
                raise Broken(f"the server closed the line: {payload[:2].hex()} {payload[2:].decode('utf-8', 'replace')}")
            elif opcode in (0, 1):
                text = payload.decode()
                if text.startswith("+"):
                    self.parts += text[1:]
                    continue
                message, self.parts = json.loads(self.parts + text), ""
                self.frame = message.get("f", self.frame)
                if "who" in message:
                    self.say({"t": "ping"})
                out.append(message)
        return out

    def _arrived(self, seconds):
        """Takes what arrives within so many seconds; False: nothing did."""
        if not readable(self.socket, seconds):
            return False
        piece = self.socket.recv(262144)
        if not piece:
            raise Broken("the line was cut")
        self.buffer += piece
        return True

    def rest(self):
        """Takes what has come, and answers pings."""
        while self._arrived(0):
            self.messages()

    def receive(self, seconds=30):
        """Messages that came, waiting for the first."""
        end = time.monotonic() + seconds
        while True:
            out = self.messages()
            if out:
                return out
            if not self._arrived(max(0, end - time.monotonic())):
                raise Broken(f"nothing came within {seconds} s")

    def until(self, test, seconds=30):
        """All messages up to the first that passes; the last one is it."""
        end, seen = time.monotonic() + seconds, []
        while time.monotonic() < end:
            for message in self.receive(max(0.01, end - time.monotonic())):
                seen.append(message)
                if test(message):
                    return seen
        raise Broken("the awaited message did not come")

    # ---- events ----

    def event(self, trigger=None, values=()):
        """Sends an event: values are (node, value); trigger is (node, name, value). Gives its number."""
        self.number += 1
        message = {"t": "e", "n": self.number, "f": self.frame}
        if values:
            self.rev += 1
            message["v"] = [[node, value, self.rev] for node, value in values]
        if trigger:
            message["x"] = list(trigger)
        self.say(message)
        return self.number

    def settled(self, number, seconds=30):
        """Everything up to the acknowledgement of an event."""
        return self.until(lambda m: m.get("a", 0) >= number or (m.get("no") or [0])[0] == number, seconds)

    def do(self, trigger=None, values=(), seconds=30):
        return self.settled(self.event(trigger, values), seconds)


def crowd(port, count, path="/", at_once=64):
    """Opens `count` visitors with connected tabs, a few at a time over one poll; gives the list. Each has a cookie of its own."""
    poll, ready, opening, left = select.epoll(), [], {}, count

    def begin():
        v = Visitor(port, path)
        v.socket = socket.socket()
        v.socket.setblocking(False)
        v.socket.connect_ex(("127.0.0.1", port))
        v.stage, v.out = "page", f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        opening[v.socket.fileno()] = v
        poll.register(v.socket, select.EPOLLIN | select.EPOLLOUT)

    def flush(v):
        if v.out:
            v.out = v.out[v.socket.send(v.out):]
        poll.modify(v.socket, select.EPOLLIN | (select.EPOLLOUT if v.out else 0))

    def read(v):
        piece = v.socket.recv(262144)
        if not piece:
            raise Broken(f"visitor {len(ready) + 1} of {count} was cut off")
        v.buffer += piece
        if v.stage in ("page", "upgrade"):
            head, mark, rest = bytes(v.buffer).partition(b"\r\n\r\n")
            if not mark:
                return
            text = head.decode("latin-1")
            if v.stage == "page":
                size = re.search(r"^content-length: *(\d+)", text, re.M | re.I)
                if (size and len(rest) < int(size.group(1))) or (not size and not rest.endswith(b"0\r\n\r\n")):
                    return
                v.take_page(text, rest)
                v.html = None
                v.buffer, v.stage, v.out = bytearray(), "upgrade", v.handshake()
                return flush(v)
            if " 101 " not in text.split("\r\n")[0]:
                raise Broken(text.split("\r\n")[0])
            v.buffer, v.stage, v.out = bytearray(rest), "hello", frame(json.dumps(v.hello()))
            flush(v)
        if v.stage == "hello" and any("hi" in m for m in v.messages()):
            poll.unregister(v.socket)
            del opening[v.socket.fileno()]
            v.socket.setblocking(True)
            ready.append(v)

    try:
        while len(ready) < count:
            while left and len(opening) < at_once:
                begin()
                left -= 1
            events = poll.poll(30)
            if not events:
                raise Broken(f"after {len(ready)} visitors nothing comes any more")
            for fd, what in events:
                v = opening.get(fd)
                if v and what & select.EPOLLOUT:
                    flush(v)
                if v and fd in opening and what & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                    read(v)
    finally:
        for v in opening.values():
            v.socket.close()
        poll.close()
    return ready


def echo_crowd(port, count, path="/"):
    """Idle WebSockets at a bare echo server, for the floor of memory."""
    out = []
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", port), 30)
        key = base64.b64encode(os.urandom(16)).decode()
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += s.recv(4096)
        out.append(s)
    return out
