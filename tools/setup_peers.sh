#!/bin/sh
# setup_peers.sh: the systems that Easel is compared with, in .cache/peers, with the versions of bench/peers.txt.
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
if cat bench/requirements.txt bench/peers.txt | cmp -s - .cache/peers/easel-peers.txt; then exit 0; fi
say() { printf '%s\n' "setup_peers: $*" >&2; }
say "installing bench/peers.txt into .cache/peers; llama-cpp-python is compiled, which takes several minutes"
mkdir -p .cache
rm -rf .cache/peers
python3 -m venv .cache/peers >&2
# The release build that its documentation names, for this machine's own processor.
CMAKE_ARGS="-DGGML_NATIVE=ON" CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) .cache/peers/bin/python -m pip install -q --disable-pip-version-check -r bench/peers.txt >&2 ||
    { say "pip could not install bench/peers.txt"; exit 1; }
cat bench/requirements.txt bench/peers.txt > .cache/peers/easel-peers.txt
