#!/bin/sh
# setup.sh: installs what is missing to build or to test Easel, and nothing when nothing is missing.
# SPDX-License-Identifier: Apache-2.0
#
#   sh tools/setup.sh build     compiler, libraries, esbuild
#   sh tools/setup.sh test      that, and sanitizers, other compilers, a browser, test clients
#   sh tools/setup.sh bench     that, and wrk
#
# Packages come from Debian by apt, as root; anyone else is told the command. npm packages are those of the lock files.
# Everything is said on stderr.
set -eu
cd "$(dirname "$0")/.."
what=${1:-test}
say() { printf '%s\n' "setup: $*" >&2; }

# "command:package": the package is wanted only where the command is not there already.
commands="gcc:gcc cmake:cmake ninja:ninja-build python3:python3 node:nodejs npm:npm pkg-config:pkg-config brotli:brotli git:git ld:binutils"
packages="libc6-dev libuv1-dev libsqlite3-dev node-llhttp libcjson-dev libmd4c-dev libxxhash-dev zlib1g-dev libpng-dev libturbojpeg0-dev libwebp-dev libcurl4-openssl-dev libqrencode-dev wamerican wngerman wfrench wspanish"
if [ "$what" != build ]; then
    commands="$commands g++:g++ clang:clang tcc:tcc chromium:chromium chromium-headless-shell:chromium-headless-shell"
    packages="$packages libcmocka-dev"
fi
if [ "$what" = bench ]; then commands="$commands wrk:wrk"; fi

missing=""
for pair in $commands; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
if command -v dpkg-query >/dev/null 2>&1; then
    # One call for all: a package that is absent, or removed with its settings left, does not print "installed".
    there=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $packages 2>/dev/null | sed -n 's/ installed$//p' || true)
    for package in $packages; do
        printf '%s\n' "$there" | grep -qx "$package" || missing="$missing $package"
    done
    if [ "$what" != build ]; then
        # libFuzzer and the sanitizers of clang live in a package named after its version.
        version=$(clang --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p' | head -n 1)
        runtime=libclang-rt-${version:-14}-dev
        dpkg-query -W -f '${db:Status-Status}' "$runtime" 2>/dev/null | grep -q '^installed' || missing="$missing $runtime"
        python3 -c 'import ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
    fi
else
    say "no dpkg here, so libraries are not checked; CMake names what it does not find"
fi

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        say "missing:$missing. Install them with this system's package manager."
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        say "missing:$missing"
        say "run this, then try again:  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing"
        exit 1
    fi
    say "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >&2 || { say "apt-get update failed: is the network there?"; exit 1; }
    apt-get install -q -y --no-install-recommends $missing >&2 || { say "apt-get could not install$missing"; exit 1; }
    # CMake looks again for what it did not find before.
    rm -f build/build.ninja build-*/build.ninja
fi

# npm_install FOLDER: `npm ci` when the lock file is not the one that the folder was installed from.
npm_install() {
    [ -f "$1/package-lock.json" ] || return 0
    if cmp -s "$1/package-lock.json" "$1/node_modules/.easel-lock"; then return 0; fi
    say "npm packages of $1/"
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || { say "npm ci failed in $1/"; exit 1; }
    cp "$1/package-lock.json" "$1/node_modules/.easel-lock"
}

npm_install web
if [ "$what" != build ]; then
    npm_install tests
    if ! cat tests/requirements.txt bench/requirements.txt | cmp -s - .cache/venv/easel-requirements.txt; then
        say "Python packages of tests/requirements.txt and bench/requirements.txt"
        mkdir -p .cache
        rm -rf .cache/venv
        python3 -m venv .cache/venv >&2
        .cache/venv/bin/python -m pip install -q --disable-pip-version-check -r tests/requirements.txt >&2 ||
            { say "pip could not install tests/requirements.txt"; exit 1; }
        cat tests/requirements.txt bench/requirements.txt > .cache/venv/easel-requirements.txt
    fi
fi
