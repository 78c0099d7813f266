// pictures.mjs: a small PNG, made by hand.
// SPDX-License-Identifier: Apache-2.0
import { deflateSync } from "node:zlib";

function crc(bytes) {
    let c = ~0;
    for (const b of bytes) {
        c ^= b;
        for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
    }
    return ~c >>> 0;
}

function chunk(type, data) {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length, 0);
    out.write(type, 4, "latin1");
    data.copy(out, 8);
    out.writeUInt32BE(crc(out.subarray(4, 8 + data.length)), 8 + data.length);
    return out;
}

/** Left half black, right half white. */
export function png(width = 16, height = 8) {
    const head = Buffer.alloc(13), rows = Buffer.alloc(height * (1 + 3 * width));
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    head.set([8, 2, 0, 0, 0], 8);
    for (let y = 0; y < height; y++) rows.fill(255, y * (1 + 3 * width) + 1 + 3 * (width >> 1), (y + 1) * (1 + 3 * width));
    return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}
