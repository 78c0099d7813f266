#!/bin/sh
# setup_peers.sh: the systems that Easel is compared with, in .cache/peers, with the versions of bench/peers.txt.
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
wanted() { cat bench/requirements.txt bench/peers.txt tools/fetch_llama.sh; }
if wanted | cmp -s - .cache/peers/easel-peers.txt; then exit 0; fi
say() { printf '%s\n' "setup_peers: $*" >&2; }
say "installing bench/peers.txt into .cache/peers; llama-cpp-python and llama-server are compiled, which takes half an hour on two cores"
mkdir -p .cache
rm -rf .cache/peers
python3 -m venv .cache/peers >&2
# The release build that its documentation names, for this machine's own processor.
CMAKE_ARGS="-DGGML_NATIVE=ON" CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) .cache/peers/bin/python -m pip install -q --disable-pip-version-check -r bench/peers.txt >&2 ||
    { say "pip could not install bench/peers.txt"; exit 1; }

say "compiling llama-server, of the same release of llama.cpp as Easel's engine, with its page"
work=.cache/peers/work
mkdir "$work"
sh tools/fetch_llama.sh --sources "$work/source"
{ cmake -S "$work/source" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DBUILD_SHARED_LIBS=OFF -DLLAMA_OPENSSL=OFF \
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_UI=ON -DLLAMA_USE_PREBUILT_UI=OFF &&
    cmake --build "$work/build" --target llama-server -j "$(nproc)" &&
    cp "$work/build/bin/llama-server" .cache/peers/bin/; } > .cache/peers/llama-server.log 2>&1 ||
    { tail -20 .cache/peers/llama-server.log >&2; say "llama-server could not be built; the whole log is .cache/peers/llama-server.log"; exit 1; }
rm -rf "$work"
wanted > .cache/peers/easel-peers.txt
