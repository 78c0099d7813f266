#!/usr/bin/env python3
# test_websocket.py: our WebSocket against Python's websockets, a client that others wrote.
# SPDX-License-Identifier: Apache-2.0

import os
import pathlib
import re
import subprocess
import unittest

from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.sync.client import connect

BUILD = pathlib.Path(os.environ.get("EASEL_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build"))


class Echo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([BUILD / "bench/ws_echo", "--port", "0"], stdout=subprocess.PIPE, text=True)
        cls.url = re.search(r"ws:\S+", cls.server.stdout.readline()).group()

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait(10)
        cls.server.stdout.close()

    def test_text_of_every_length_comes_back(self):
        with connect(self.url, max_size=None) as socket:
            for size in (0, 1, 125, 126, 127, 65535, 65536, 1 << 20, 5 << 20):
                socket.send("ä" * (size // 2) + "x" * (size % 2))
                self.assertEqual(len(socket.recv(timeout=10).encode()), size)

    def test_compression_is_declined(self):
        with connect(self.url, compression="deflate") as socket:
            self.assertNotIn("Sec-WebSocket-Extensions", socket.response.headers)
            socket.send("hello")
            self.assertEqual(socket.recv(timeout=10), "hello")

    def test_fragments_arrive_as_one_message(self):
        with connect(self.url) as socket:
            socket.send(iter(["one ", "two ", "", "three"]))
            self.assertEqual(socket.recv(timeout=10), "one two three")

    def test_pings_are_answered(self):
        with connect(self.url) as socket:
            self.assertTrue(socket.ping(b"are you there").wait(10))
            self.assertTrue(socket.ping().wait(10))

    def test_many_messages_keep_their_order(self):
        with connect(self.url) as socket:
            for i in range(1000):
                socket.send(f"message {i}")
            self.assertEqual([socket.recv(timeout=10) for _ in range(1000)], [f"message {i}" for i in range(1000)])

    def closed(self, socket):
        with self.assertRaises(ConnectionClosed) as caught:
            socket.recv(timeout=10)
        return caught.exception.rcvd

    def test_the_close_handshake_is_complete(self):
        with connect(self.url) as socket:
            socket.close(3001, "done")
            frame = self.closed(socket)
        self.assertEqual(frame.code, 3001)

    def test_the_server_s_close_code_and_reason_arrive(self):
        with connect(self.url) as socket:
            socket.send("close 4000")
            frame = self.closed(socket)
        self.assertEqual((frame.code, frame.reason), (4000, "as asked"))

    def test_binary_messages_are_refused(self):
        with connect(self.url) as socket:
            socket.send(b"\x00\x01")
            frame = self.closed(socket)
        self.assertEqual(frame.code, CloseCode.UNSUPPORTED_DATA)

    def test_text_that_is_not_utf8_is_refused(self):
        with connect(self.url) as socket:
            socket.send(b"f\xff", text=True)
            frame = self.closed(socket)
        self.assertEqual(frame.code, CloseCode.INVALID_DATA)


if __name__ == "__main__":
    unittest.main()
