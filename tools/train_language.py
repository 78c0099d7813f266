#!/usr/bin/env python3
# train_language.py: learns which letters follow which in the words of several languages, for examples/language.c.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tools/train_language.py OUT.h NAME=WORDLIST...
#
# A word list has one word a line (Debian: wamerican, wngerman, wfrench, wspanish). Each three bytes in a row, with a blank at both ends of a word, fall into one of 32,768 buckets;
# what is kept of a bucket is the logarithm of how often a language fills it, in steps of 1/8. Naive Bayes does the rest. A list says that a word is there, not how often it is said;
# short words are said far more often, so a word counts by its length to the power of minus four.

import math
import pathlib
import sys

BUCKETS, STEP = 32768, 8


def bucket(three):
    """The same sum as in examples/language.c."""
    return ((three[0] * 131 + three[1]) * 131 + three[2]) % BUCKETS


def learn(path):
    counts = [0.5] * BUCKETS                   # so that nothing is impossible
    for word in pathlib.Path(path).read_text(encoding="utf-8").split():
        letters = f" {word.lower()} ".encode()
        if "'" in word:
            continue
        for i in range(len(letters) - 2):
            counts[bucket(letters[i:i + 3])] += (6 / len(word)) ** 4
    total = sum(counts)
    return [max(-128, round(STEP * math.log(BUCKETS * count / total))) for count in counts]


def main():
    out, lists = sys.argv[1], [a.split("=", 1) for a in sys.argv[2:]]
    lines = ["/* Made by tools/train_language.py. */", f"enum {{ BUCKETS = {BUCKETS}, STEP = {STEP} }};"]
    lines.append("static const char *const languages[] = { " + ", ".join(f'"{name}"' for name, _ in lists) + ", NULL };")
    lines.append(f"static const signed char weights[{len(lists)}][BUCKETS] = {{")
    for _, path in lists:
        lines.append("    { " + ", ".join(str(min(w, 127)) for w in learn(path)) + " },")
    lines.append("};")
    pathlib.Path(out).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
