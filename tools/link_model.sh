#!/bin/sh
# link_model.sh: fetches model and llama.cpp once into .cache/ and shows them to the programs of every build.
# SPDX-License-Identifier: Apache-2.0
#
# Without a network the rest of Easel works: the chat then says what is missing, so a failed fetch is a warning here, and
# an error with --strict.
cd "$(dirname "$0")/.." || exit 1
status=0
for tool in tools/fetch_llama.sh tools/fetch_model.sh; do
    [ -f "$tool" ] || continue
    if head -n 1 "$tool" | grep -q bash; then shell=bash; else shell=sh; fi
    "$shell" "$tool" >&2 || { echo "$tool failed; everything but the chat works. Try again with: make model" >&2; status=1; }
done
for build in build build-asan build-tsan; do
    mkdir -p "$build"
    for name in models llama; do
        if [ -d ".cache/$name" ] && [ ! -e "$build/$name" ]; then
            ln -sfn "../.cache/$name" "$build/$name"
        fi
    done
done
[ "${1:-}" = --strict ] && exit $status
exit 0
