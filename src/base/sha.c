/* sha.c: SHA-1, which the WebSocket handshake asks for, and SHA-256, which policies and checksums ask for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <string.h>

/* Both read 64-byte blocks of big-endian words and end with 0x80, zeros and the count in bits. */
typedef void sha_block(uint32_t *state, const uint32_t w[16]);

static uint32_t left(uint32_t v, int n) { return v << n | v >> (32 - n); }
static uint32_t right(uint32_t v, int n) { return v >> n | v << (32 - n); }

static void sha_words(uint32_t w[16], const unsigned char *p)
{
    for (int i = 0; i < 16; i++, p += 4) w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void sha_run(sha_block *block, uint32_t *state, int words, const void *at, size_t count, unsigned char *out)
{
    const unsigned char *p = at;
    unsigned char end[128] = { 0 };
    uint32_t w[16];
    size_t whole = count / 64 * 64, rest = count - whole, size = rest < 56 ? 64 : 128;
    for (size_t i = 0; i < whole; i += 64) {
        sha_words(w, p + i);
        block(state, w);
    }
    if (rest) memcpy(end, p + whole, rest);
    end[rest] = 0x80;
    for (int i = 0; i < 8; i++) end[size - 1 - (size_t)i] = (unsigned char)((uint64_t)count * 8 >> 8 * i);
    for (size_t i = 0; i < size; i += 64) {
        sha_words(w, end + i);
        block(state, w);
    }
    for (int i = 0; i < words * 4; i++) out[i] = (unsigned char)(state[i / 4] >> (24 - i % 4 * 8));
}

static void sha1_block(uint32_t *h, const uint32_t in[16])
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; i++) {
        w[i] = i < 16 ? in[i] : left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
        uint32_t k = i < 20 ? 0x5a827999u : i < 40 ? 0x6ed9eba1u : i < 60 ? 0x8f1bbcdcu : 0xca62c1d6u;
        uint32_t next = left(a, 5) + f + e + k + w[i];
        e = d, d = c, c = left(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

void sha1(const void *at, size_t count, unsigned char out[20])
{
    uint32_t h[5] = { 0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u };
    sha_run(sha1_block, h, 5, at, count, out);
}

static const uint32_t sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static void sha256_block(uint32_t *h, const uint32_t in[16])
{
    uint32_t w[64], s[8];
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; i++) {
        if (i < 16) {
            w[i] = in[i];
        } else {
            uint32_t x = w[i - 15], y = w[i - 2];
            w[i] = w[i - 16] + (right(x, 7) ^ right(x, 18) ^ x >> 3) + w[i - 7] + (right(y, 17) ^ right(y, 19) ^ y >> 10);
        }
        uint32_t one = s[7] + (right(s[4], 6) ^ right(s[4], 11) ^ right(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + sha256_k[i] + w[i];
        uint32_t two = (right(s[0], 2) ^ right(s[0], 13) ^ right(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += one;
        s[0] = one + two;
    }
    for (int i = 0; i < 8; i++) h[i] += s[i];
}

void sha256(const void *at, size_t count, unsigned char out[32])
{
    uint32_t h[8] = { 0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u };
    sha_run(sha256_block, h, 8, at, count, out);
}

bool sha256_same(const unsigned char a[32], const unsigned char b[32])
{
    unsigned char differs = 0;
    for (int i = 0; i < 32; i++) differs |= a[i] ^ b[i];
    return !differs;
}
