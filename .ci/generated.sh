#!/usr/bin/env bash
# The kernels' assembly is generated and committed: generating it again must
# change nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ -d accel/cpu/gen ]] || { echo "accel/cpu/gen is missing" >&2; exit 1; }

before=$(git status --porcelain -- accel/cpu; git diff -- accel/cpu)
(cd accel/cpu/gen && go vet ./...)
(cd accel/cpu && go generate ./...)
after=$(git status --porcelain -- accel/cpu; git diff -- accel/cpu)
if [[ $before != "$after" ]]; then
  git --no-pager diff --stat -- accel/cpu
  echo "the committed assembly is not what accel/cpu/gen generates: run 'go generate ./accel/cpu'" >&2
  exit 1
fi
