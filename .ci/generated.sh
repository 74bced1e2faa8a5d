#!/usr/bin/env bash
# The kernels' assembly is generated and committed: generating it again must
# change nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

state() { git status --porcelain -- accel/cpu; git diff -- accel/cpu; }
command -v llvm-mc >/dev/null || echo "skipped: the encodings of instructions are not checked, as there is no llvm-mc (Debian: llvm)" >&2
before=$(state)
(cd accel/cpu/gen && go vet . && go test . && go run .)
if [[ $(state) != "$before" ]]; then
  git --no-pager diff --stat -- accel/cpu
  echo "the committed assembly is not what accel/cpu/gen writes: run 'go run .' there and commit the result" >&2
  exit 1
fi
