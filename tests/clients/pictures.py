# pictures.py: a picture as a file's bytes, for the clients that send one.
# SPDX-License-Identifier: Apache-2.0

import struct
import zlib


def png(width, height, row):
    """A PNG of RGB whose rows are all alike; row: width * 3 bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress((b"\0" + row) * height)) + chunk(b"IEND", b"")
