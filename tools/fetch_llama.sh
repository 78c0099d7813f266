#!/bin/sh
# fetch_llama.sh: puts llama.cpp (libraries, headers, licence; MIT) into .cache/llama.
# SPDX-License-Identifier: Apache-2.0
#
# Libraries and headers must be of one release: its structs travel by value. Both come from one pinned version of
# node-llama-cpp, whose packages serve here only as archives: `npm pack` downloads them and runs nothing. The headers
# lie in a git bundle inside the second package. Needs glibc 2.34 or later at run time.
#
#   .cache/llama/*.so        libllama, libggml, libggml-base and one libggml-cpu per kind of CPU
#   .cache/llama/include/    llama.h and the headers it includes
#   .cache/llama/LICENSE     llama.cpp's licence
#   .cache/llama/release     what this is: versions and checksums; when it matches, the script does nothing
#
# `fetch_llama.sh --sources FOLDER` puts the sources of the same release into a new folder instead.
set -eu

version=3.22.1
libs=@node-llama-cpp/linux-x64@$version
libs_sha256=0d953e1503d5ab4608d8ed5b739132308c81ac05ffeb760d2a7f30e08a9f90e0
heads=node-llama-cpp@$version
heads_sha256=a0d9dd80eacd2ab1cfe71aee57ac8a806487fd70b3d2a38fbec637752d9e5c5f
commit=de3ff815ea7d559ee917f063901b8986f038abc6

cache=$(cd "$(dirname "$0")/.." && pwd)/.cache
release="$libs $libs_sha256 $heads $heads_sha256 $commit"
die() { printf 'fetch_llama: %s\n' "$*" >&2; exit 1; }

sources=
if [ "${1-}" = --sources ]; then
    sources=${2:?fetch_llama: --sources wants a folder}
elif [ "$(cat "$cache/llama/release" 2>/dev/null)" = "$release" ]; then
    exit 0
else
    [ "$(uname -sm)" = "Linux x86_64" ] || die "the pinned libraries are for Linux on x86_64; this is $(uname -sm)"
fi

command -v npm >/dev/null || die "npm is missing, which downloads llama.cpp; install it with: apt-get install npm"
command -v git >/dev/null || die "git is missing, which unpacks the headers; install it with: apt-get install git"

mkdir -p "$cache"
work=$(mktemp -d "$cache/llama.XXXXXX")
trap 'rm -rf "$work"' EXIT

# fetch PACKAGE SHA256 FOLDER: downloads, checks, unpacks.
fetch() {
    mkdir "$work/pack"
    (cd "$work" && npm pack --silent --pack-destination "$work/pack" "$1" >/dev/null) \
        || die "npm could not download $1; is there a network?"
    file=$(echo "$work"/pack/*.tgz)
    echo "$2  $file" | sha256sum --check --status \
        || die "the downloaded $1 is not the pinned file: its SHA-256 is $(sha256sum "$file" | cut -d' ' -f1), $2 is expected"
    mkdir "$work/$3"
    tar -xzf "$file" -C "$work/$3"
    rm -rf "$work/pack"
}

echo "Fetching llama.cpp (46 MB, once) ..." >&2
[ -n "$sources" ] || fetch "$libs" "$libs_sha256" libs
fetch "$heads" "$heads_sha256" heads

git -c advice.detachedHead=false clone --quiet "$work/heads/package/llama/gitRelease.bundle" "$work/source" 2>/dev/null \
    || die "the headers' git bundle does not open"
[ "$(git -C "$work/source" rev-parse HEAD)" = "$commit" ] || die "the headers' git bundle is not commit $commit"
if [ -n "$sources" ]; then
    mv -T "$work/source" "$sources"
    exit 0
fi

mkdir -p "$work/llama/include"
cp "$work"/libs/package/bins/linux-x64/*.so "$work/llama/"
rm -f "$work/llama/libllama-common.so"               # C++ only, not used
cp "$work"/source/include/llama.h "$work"/source/ggml/include/*.h "$work/llama/include/"
cp "$work/source/LICENSE" "$work/llama/LICENSE"
cp "$work/libs/package/LICENSE" "$work/llama/LICENSE.node-llama-cpp"
echo "$release" > "$work/llama/release"

[ ! -e "$cache/llama" ] || mv -T "$cache/llama" "$work/old"
mv -T "$work/llama" "$cache/llama"
