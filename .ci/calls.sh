#!/usr/bin/env bash
# Without the tag migrated_fynedo Fyne reports each call that comes from a
# goroutine other than its own. It only prints them, so the tests' whole
# output is searched.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

export CGO_ENABLED=0
# shellcheck disable=SC2046 # a list of import paths
if ! go test -v $(go list -f '{{.ImportPath}} {{join .Deps " "}}' ./app/... | awk '/fyne\.io/ { print $1 }') >"$log" 2>&1; then
  grep -vE '^(=== |[[:space:]]*--- PASS)' "$log"
  exit 1
fi
if grep -A 8 'Error in Fyne call thread' "$log"; then
  echo "the window is touched from outside Fyne's goroutine: wrap the call in fyne.Do" >&2
  exit 1
fi
grep -E '^(ok|FAIL|---[[:space:]]SKIP)' "$log"
