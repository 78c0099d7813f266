#!/usr/bin/env python3
# test_websocket.py: every frame that RFC 6455 allows or forbids, sent byte by byte; the cases bear the numbers of the Autobahn test-suite.
# SPDX-License-Identifier: Apache-2.0
#
# The suite itself needs Python 2.7, so its cases for servers are written down here anew. A case is what is sent, piece by piece, and the
# frames that must come back, no more and no fewer. Where the server need not hang up, the case ends with a close handshake.
#
#   python3 tests/hostile/test_websocket.py Cases.test_6_4_2

import itertools
import os
import pathlib
import re
import socket
import struct
import subprocess
import unittest

BUILD = pathlib.Path(os.environ.get("EASEL_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build"))
MORE, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
HANDSHAKE = {"Host": "127.0.0.1", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


# ---- frames ----


def frame(opcode, payload=b"", fin=True, rsv=0, mask=b"\x37\xfa\x21\x3d", form=None):
    """One client's frame. form: the bytes of the length field (0, 2 or 8) where it is not the shortest."""
    payload = payload.encode() if isinstance(payload, str) else payload
    size = len(payload)
    form = form if form is not None else 0 if size < 126 else 2 if size < 65536 else 8
    masked = 0x80 if mask else 0
    head = bytes([fin << 7 | rsv << 4 | opcode, masked | (size if form == 0 else 126 if form == 2 else 127)])
    head += struct.pack("!H", size) if form == 2 else struct.pack("!Q", size) if form == 8 else b""
    if not mask:
        return head + payload
    keys = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return head + mask + (int.from_bytes(payload, "big") ^ keys).to_bytes(size, "big")


def close_frame(code=None, reason=b""):
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


def fragments(*parts, opcode=TEXT):
    """A message in parts, each its own frame."""
    return [frame(opcode if i == 0 else MORE, part, fin=i == len(parts) - 1) for i, part in enumerate(parts)]


def octets(*pieces):
    """The same bytes, each sent alone."""
    return [bytes([b]) for b in b"".join(pieces)]


def chop(size, *pieces):
    whole = b"".join(pieces)
    return [whole[i:i + size] for i in range(0, len(whole), size)]


# ---- what comes back ----


def text(s):
    return (TEXT, s.encode() if isinstance(s, str) else s)


def pong(s=b""):
    return (PONG, s.encode() if isinstance(s, str) else s)


def closed(code=None):
    return (CLOSE, code)


FAILS = [closed(1002)]           # the protocol is broken
NOT_TEXT = [closed(1003)]        # binary messages are not understood here
NOT_UTF8 = [closed(1007)]


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass                     # it has hung up; what it said before is still to be read

    def read(self, count):
        while len(self.bytes) < count:
            try:
                more = self.socket.recv(1 << 20)
            except ConnectionResetError:
                more = b""
            if not more:
                return None
            self.bytes += more
        found, self.bytes = self.bytes[:count], self.bytes[count:]
        return found

    def head(self):
        lines = b""
        while not lines.endswith(b"\r\n\r\n"):
            one = self.read(1)
            if one is None:
                raise AssertionError(f"the answer ends inside its head: {lines!r}")
            lines += one
        first, *rest = lines.decode("latin-1").strip().split("\r\n")
        return int(first.split()[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in rest)}

    def upgrade(self, headers=HANDSHAKE, line="GET / HTTP/1.1", and_bytes=b""):
        self.send((line + "\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n").encode() + and_bytes)
        return self.head()

    def frame(self):
        """(opcode, payload), (CLOSE, code), or None at the end of the connection."""
        head = self.read(2)
        if head is None:
            return None
        assert head[0] & 0x80 and not head[0] & 0x70 and not head[1] & 0x80, f"a server's frames are whole, plain and not masked: {head.hex()}"
        size = head[1] & 127
        if size > 125:
            assert not head[0] & 8
            size = int.from_bytes(self.read(2 if size == 126 else 8), "big")
        payload = self.read(size)
        if head[0] & 15 == CLOSE:
            payload[2:].decode()
            return (CLOSE, int.from_bytes(payload[:2], "big") if payload else None)
        return (head[0] & 15, payload)


# ---- the cases: number -> (pieces, frames that come back) ----

CASES = {}


def case(number, pieces, expected):
    assert number not in CASES, number
    CASES[number] = ([pieces] if isinstance(pieces, bytes) else pieces, expected)


def framing():
    sizes = (0, 125, 126, 127, 128, 65535, 65536)
    for i, size in enumerate(sizes, 1):
        case(f"1.1.{i}", frame(TEXT, b"*" * size), [text("*" * size)])
        case(f"1.2.{i}", frame(BINARY, b"\xfe" * size), NOT_TEXT)
    case("1.1.8", chop(997, frame(TEXT, b"*" * 65536)), [text("*" * 65536)])
    case("1.2.8", chop(997, frame(BINARY, b"\xfe" * 65536)), NOT_TEXT)


def pings_and_pongs():
    full = b"\xfe" * 125
    case("2.1", frame(PING), [pong()])
    case("2.2", frame(PING, "Hello, world!"), [pong("Hello, world!")])
    case("2.3", frame(PING, b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"), [pong(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff")])
    case("2.4", frame(PING, full), [pong(full)])
    case("2.5", frame(PING, full + b"\xfe"), FAILS)
    case("2.6", octets(frame(PING, full)), [pong(full)])
    case("2.7", frame(PONG), [])
    case("2.8", frame(PONG, "unsolicited"), [])
    case("2.9", [frame(PONG, "unsolicited"), frame(PING, "payload")], [pong("payload")])
    ten = [frame(PING, f"payload-{i}") for i in range(10)]
    case("2.10", ten, [pong(f"payload-{i}") for i in range(10)])
    case("2.11", octets(*ten), [pong(f"payload-{i}") for i in range(10)])


def reserved_bits():
    good = frame(TEXT, "small")
    case("3.1", frame(TEXT, "small", rsv=1), FAILS)
    for number, rsv, cut in (("3.2", 2, lambda *p: list(p)), ("3.3", 3, lambda *p: [b"".join(p)]), ("3.4", 4, octets)):
        case(number, cut(good, frame(TEXT, "small", rsv=rsv), frame(PING)), [text("small"), *FAILS])
    case("3.5", frame(BINARY, b"\xff" * 8, rsv=5), FAILS)
    case("3.6", frame(PING, "small", rsv=6), FAILS)
    case("3.7", frame(CLOSE, b"\x03\xe8", rsv=7), FAILS)


def opcodes():
    good = frame(TEXT, "small")
    for section, first in ((1, 3), (2, 11)):
        for i in range(5):
            bad = frame(first + i, "reserved opcode" if i else b"")
            before = i > 1
            case(f"4.{section}.{i + 1}", ([good] if before else []) + (octets(bad, frame(PING)) if i == 4 else [bad, frame(PING)]),
                 ([text("small")] if before else []) + FAILS)


def fragmentation():
    one, two = fragments("fragment1", "fragment2")
    both, late = [text("fragment1fragment2")], [frame(TEXT, "Hello")]
    case("5.1", fragments("a", "b", opcode=PING), FAILS)
    case("5.2", fragments("a", "b", opcode=PONG), FAILS)
    case("5.3", [one, two], both)
    case("5.4", one + two, both)
    case("5.5", octets(one, two), both)
    between = [one, frame(PING, "ping"), two]
    case("5.6", between, [pong("ping"), *both])
    case("5.7", b"".join(between), [pong("ping"), *both])
    case("5.8", octets(*between), [pong("ping"), *both])
    for start, fin in ((9, True), (12, False)):
        nothing = [frame(MORE, "non-continuation payload", fin=fin), *late]
        case(f"5.{start}", nothing, FAILS)
        case(f"5.{start + 1}", b"".join(nothing), FAILS)
        case(f"5.{start + 2}", octets(*nothing), FAILS)
    case("5.15", [one, two, frame(MORE, "fragment3", fin=False), frame(TEXT, "fragment4")], both + FAILS)
    case("5.16", [frame(MORE, "fragment1", fin=False), *fragments("fragment2", "fragment3")], FAILS)
    case("5.17", [frame(MORE, "fragment1", fin=True), *fragments("fragment2", "fragment3")], FAILS)
    case("5.18", [one, frame(TEXT, "fragment2")], FAILS)
    parts = fragments(*(f"fragment{i}" for i in range(1, 6)))
    mixed = [*parts[:2], frame(PING, "ping one"), *parts[2:4], frame(PING, "ping two"), parts[4]]
    heard = [pong("ping one"), pong("ping two"), text("".join(f"fragment{i}" for i in range(1, 6)))]
    case("5.19", mixed, heard)
    case("5.20", octets(*mixed), heard)


def utf8_in_messages():
    hello = "Hello-µ@ßöäüàá-UTF-8!!"
    raw, broken = hello.encode(), b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"
    case("6.1.1", frame(TEXT), [text("")])
    case("6.1.2", fragments("", "", ""), [text("")])
    case("6.1.3", fragments("", "middle", ""), [text("middle")])
    case("6.2.1", frame(TEXT, hello), [text(hello)])
    case("6.2.2", fragments(raw[:8], raw[8:]), [text(hello)])
    case("6.2.3", fragments(*octets(raw)), [text(hello)])
    case("6.2.4", octets(*fragments(*octets("κόσμε".encode()))), [text("κόσμε")])
    case("6.3.1", frame(TEXT, broken), NOT_UTF8)
    case("6.3.2", fragments(*octets(broken)), NOT_UTF8)
    # Refused at once: of these messages the end is never sent.
    start = "κόσμε".encode()
    case("6.4.1", fragments(start, b"\xf4\x90\x80\x80", b"edited")[:2], NOT_UTF8)
    case("6.4.2", fragments(start + b"\xf4", b"\x90", b"\x80\x80edited")[:2], NOT_UTF8)
    whole = frame(TEXT, start + b"\xf4\x90\x80\x80edited")
    case("6.4.3", [whole[:6 + len(start)], whole[6 + len(start):10 + len(start)]], NOT_UTF8)
    case("6.4.4", [whole[:7 + len(start)], whole[7 + len(start):8 + len(start)]], NOT_UTF8)


def any_utf8(n, extra=0):
    """A number in the form of UTF-8, whether that may be or not; extra: bytes more than it needs."""
    size = next(s for s, most in enumerate((0x7f, 0x7ff, 0xffff, 0x1fffff, 0x3ffffff, 0x7fffffff), 1) if n <= most) + extra
    if size == 1:
        return bytes([n])
    tail = [0x80 | n >> 6 * i & 0x3f for i in reversed(range(size - 1))]
    return bytes([(0xff00 >> size & 0xff) | n >> 6 * (size - 1), *tail])


def utf8_sequences():
    kosme = "κόσμε".encode()
    lonely = [b"".join(bytes([first, 0x20]) for first in range(*r)) for r in ((0xc0, 0xe0), (0xe0, 0xf0), (0xf0, 0xf8), (0xf8, 0xfc), (0xfc, 0xfe))]
    cut = [any_utf8(0, extra)[:-1] for extra in range(1, 6)] + [any_utf8(most)[:-1] for most in (0x7ff, 0xffff, 0x1fffff, 0x3ffffff, 0x7fffffff)]
    surrogates = [0xd800, 0xdb7f, 0xdb80, 0xdbff, 0xdc00, 0xdf80, 0xdfff]
    pairs = [(a, b) for a in (0xd800, 0xdb7f, 0xdb80, 0xdbff) for b in (0xdc00, 0xdfff)]
    nothing = [p << 16 | n for p in range(17) for n in (0xfffe, 0xffff)]
    tables = {
        5: [kosme[:n] for n in (2, 5, 7, 9, 11)],
        6: [kosme[:n] for n in range(1, 12)],
        7: [any_utf8(n) for n in (0x00, 0x80, 0x800, 0x10000)],
        8: [any_utf8(n) for n in (0x200000, 0x4000000)],
        9: [any_utf8(n) for n in (0x7f, 0x7ff, 0xffff, 0x10ffff)],
        10: [any_utf8(n) for n in (0x1fffff, 0x3ffffff, 0x7fffffff)],
        11: [any_utf8(n) for n in (0xd7ff, 0xe000, 0xfffd, 0x10ffff, 0x110000)],
        12: [b"\x80", b"\xbf", *[(b"\x80\xbf" * 4)[:n] for n in range(2, 8)], bytes(range(0x80, 0xc0))],
        13: lonely,
        14: cut,
        15: [b"".join(cut)],
        16: [b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"],
        17: [any_utf8(0x2f, extra) for extra in range(1, 6)],
        18: [any_utf8(most, 1) for most in (0x7f, 0x7ff, 0xffff, 0x1fffff, 0x3ffffff)],
        19: [any_utf8(0, extra) for extra in range(1, 6)],
        20: [any_utf8(n) for n in surrogates],
        21: [any_utf8(a) + any_utf8(b) for a, b in pairs],
        22: [any_utf8(n) for n in nothing],
        23: [any_utf8(n) for n in (0xfff9, 0xfffa, 0xfffb, 0xfffc, 0xfffd, 0xfeff, 0xfdd0)],
    }
    for (section, rows), cutting in itertools.product(tables.items(), ("", ".octets")):
        for i, row in enumerate(rows, 1):
            try:
                expected = [text(row.decode())]          # Python is the judge
            except UnicodeDecodeError:
                expected = NOT_UTF8
            case(f"6.{section}.{i}{cutting}", octets(frame(TEXT, row)) if cutting else frame(TEXT, row), expected)


def closing():
    big, after = frame(TEXT, "x" * 262144), frame(TEXT, "Hello World!")
    case("7.1.1", [after, close_frame(1000)], [text("Hello World!"), closed(1000)])
    case("7.1.2", [close_frame(1000), close_frame(1000)], [closed(1000)])
    case("7.1.3", [close_frame(1000), frame(PING, "after")], [closed(1000)])
    case("7.1.4", [close_frame(1000), after], [closed(1000)])
    one, two = fragments("fragment1", "fragment2")
    case("7.1.5", [one, close_frame(1000), two], [closed(1000)])
    case("7.1.6", [big, after, close_frame(1000), frame(PING)], [text("x" * 262144), text("Hello World!"), closed(1000)])
    case("7.3.1", close_frame(), [closed()])
    case("7.3.2", frame(CLOSE, b"a"), FAILS)
    case("7.3.3", close_frame(1000), [closed(1000)])
    case("7.3.4", close_frame(1000, b"Hello World!"), [closed(1000)])
    case("7.3.5", close_frame(1000, b"*" * 123), [closed(1000)])
    case("7.3.6", close_frame(1000, b"*" * 124), FAILS)
    case("7.5.1", close_frame(1000, b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80"), NOT_UTF8)
    for i, code in enumerate((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999), 1):
        case(f"7.7.{i}", close_frame(code), [closed(code)])
    for i, code in enumerate((0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999), 1):
        case(f"7.9.{i}", close_frame(code), FAILS)
    for i, code in enumerate((5000, 65535), 1):
        case(f"7.13.{i}", close_frame(code), FAILS)


def sizes_and_speed():
    """The suite goes up to 16 MB; 2 MB show the same."""
    for i, size in enumerate((65536, 262144, 1 << 20, 2 << 20), 1):
        case(f"9.1.{i}", frame(TEXT, "a" * size), [text("a" * size)])
    whole = "ä" * 131072
    for i, size in enumerate((64, 256, 1024, 4096, 16384, 65536, 262144), 1):
        parts = chop(size, whole.encode())
        case(f"9.3.{i}", [b"".join(fragments(*parts))], [text(whole)])
    for i, size in enumerate((64, 128, 256, 512, 1024, 2048), 1):
        case(f"9.5.{i}", chop(size, frame(TEXT, "b" * 65536)), [text("b" * 65536)])
    for i, size in enumerate((0, 16, 64, 256, 1024, 4096), 1):
        case(f"9.7.{i}", [b"".join(frame(TEXT, "c" * size) for _ in range(100))], [text("c" * size)] * 100)
    case("10.1.1", fragments(*chop(1300, b"*" * 65536)), [text("*" * 65536)])


def lengths_and_masks():
    """What the suite leaves out."""
    for opcode in (MORE, TEXT, BINARY, CLOSE, PING, PONG):
        case(f"unmasked.{opcode}", frame(opcode, b"\x03\xe8" if opcode == CLOSE else b"x", mask=None), FAILS)
    for size in (0, 1, 125):
        case(f"length.{size}.in_2_bytes", frame(TEXT, "x" * size, form=2), FAILS)
    for size in (0, 125, 126, 65535):
        case(f"length.{size}.in_8_bytes", frame(TEXT, "x" * size, form=8), FAILS)
    for opcode, form in itertools.product((CLOSE, PING, PONG), (2, 8)):
        case(f"length.of_control.{opcode}.in_{form}_bytes", frame(opcode, b"\x03\xe8", form=form), FAILS)
    for name, size, expected in (("top_bit", 1 << 63, FAILS), ("all_bits", (1 << 64) - 1, FAILS), ("too_large", (1 << 63) - 1, [closed(1009)]), ("above_limit", (64 << 20) + 1, [closed(1009)])):
        case(f"length.{name}", b"\x81\xff" + struct.pack("!Q", size) + b"mask", expected)
    case("length.sum_above_limit", [frame(TEXT, "x", fin=False), b"\x80\xff" + struct.pack("!Q", 64 << 20) + b"mask"], [closed(1009)])
    for mask in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\xff\0\xff"):
        case(f"mask.{mask.hex()}", frame(TEXT, "grüße 你好 😀 and some more bytes", mask=mask), [text("grüße 你好 😀 and some more bytes")])
    for opcode in (CLOSE, PING, PONG):
        case(f"control_in_parts.{opcode}", frame(opcode, b"", fin=False), FAILS)
    case("binary.in_parts", fragments("a", "b", opcode=BINARY), NOT_TEXT)
    case("compressed", frame(TEXT, b"\xf2\x48\xcd\xc9\xc9\x07\x00", rsv=4), FAILS)


for section in (framing, pings_and_pongs, reserved_bits, opcodes, fragmentation, utf8_in_messages, utf8_sequences, closing, sizes_and_speed, lengths_and_masks):
    section()


# ---- running them ----


class Echo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([BUILD / "bench/ws_echo", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        cls.port = int(re.search(r":(\d+)/", cls.server.stdout.readline()).group(1))

    @classmethod
    def tearDownClass(cls):
        alive = cls.server.poll() is None
        cls.server.terminate()
        cls.server.wait(10)
        cls.server.stdout.close()
        assert alive, "the server has died"

    def client(self):
        client = Client(self.port)
        self.addCleanup(client.socket.close)
        return client


class Cases(Echo):
    def play(self, pieces, expected):
        client = self.client()
        self.assertEqual(client.upgrade()[0], 101)
        for piece in pieces:
            client.send(piece)
        if not expected or expected[-1][0] != CLOSE:
            client.send(close_frame(1000))
            expected = [*expected, closed(1000)]
        for number, frame_expected in enumerate(expected):
            found = client.frame()
            if found != frame_expected:
                self.fail(f"frame {number} is {str(found)[:100]} instead of {str(frame_expected)[:100]}")
        self.assertIsNone(client.frame())


for number, (pieces, expected) in CASES.items():
    setattr(Cases, "test_" + re.sub(r"\W", "_", number), lambda self, p=pieces, e=expected: self.play(p, e))


class Handshakes(Echo):
    def refused(self, status, line="GET / HTTP/1.1", **changes):
        headers = {k: v for k, v in {**HANDSHAKE, **{k.replace("_", "-"): v for k, v in changes.items()}}.items() if v is not None}
        client = self.client()
        found, answer = client.upgrade(headers, line)
        self.assertEqual(found, status)
        self.assertNotIn("sec-websocket-accept", answer)
        return answer

    def test_another_version_is_told_which_one_is_spoken(self):
        for version in ("0", "7", "8", "12", "14", "255", "013", "13, 8", "", "x", None):
            answer = self.refused(426, Sec_WebSocket_Version=version)
            self.assertEqual(answer["sec-websocket-version"], "13")

    def test_a_key_that_is_none_is_refused(self):
        for key in (None, "", "short", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25j!Q==", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"):
            self.refused(400, Sec_WebSocket_Key=key)

    def test_other_methods_and_old_versions_of_http_get_no_socket(self):
        for line in ("POST / HTTP/1.1", "PUT / HTTP/1.1", "HEAD / HTTP/1.1", "OPTIONS / HTTP/1.1", "GET / HTTP/1.0"):
            self.refused(400, line)

    def test_a_request_that_asks_for_no_websocket_gets_a_page(self):
        for changes in ({"Upgrade": None}, {"Upgrade": "h2c"}, {"Connection": None}, {"Connection": "keep-alive"}, {"Connection": "close"}):
            self.refused(200, **changes)

    def test_names_in_the_headers_are_read_in_any_case_and_in_lists(self):
        for changes in ({"Upgrade": "WebSocket"}, {"Upgrade": "h2c, WEBSOCKET"}, {"Connection": "keep-alive, upgrade"}, {"Connection": "UPGRADE"}):
            self.assertEqual(self.client().upgrade({**HANDSHAKE, **changes})[0], 101)

    def test_compression_and_protocols_are_declined(self):
        offers = ("permessage-deflate", "permessage-deflate; client_max_window_bits", "permessage-deflate; server_max_window_bits=8; server_no_context_takeover",
                  "permessage-deflate; client_max_window_bits=9, permessage-deflate", "permessage-bzip2", "x-webkit-deflate-frame", "permessage-deflate; unknown=1", ";;,,=")
        for offer in offers:
            client = self.client()
            status, answer = client.upgrade({**HANDSHAKE, "Sec-WebSocket-Extensions": offer, "Sec-WebSocket-Protocol": "chat, superchat"})
            self.assertEqual(status, 101)
            self.assertNotIn("sec-websocket-extensions", answer)
            self.assertNotIn("sec-websocket-protocol", answer)
            client.send(frame(TEXT, "plain"))
            self.assertEqual(client.frame(), text("plain"))
            client.send(frame(TEXT, b"\xf2\x48\xcd\xc9\xc9\x07\x00", rsv=4))
            self.assertEqual(client.frame(), closed(1002))

    def test_the_answer_proves_that_the_key_was_read(self):
        status, answer = self.client().upgrade()
        self.assertEqual((status, answer["sec-websocket-accept"]), (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))

    def test_frames_in_the_same_packet_as_the_handshake_are_heard(self):
        client = self.client()
        self.assertEqual(client.upgrade(and_bytes=frame(TEXT, "early") + frame(PING, "too"))[0], 101)
        self.assertEqual((client.frame(), client.frame()), (text("early"), pong("too")))


del Echo                             # it holds no test of its own

if __name__ == "__main__":
    unittest.main()
