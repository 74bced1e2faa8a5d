#!/usr/bin/env bash
# Checks that Go is here and new enough for go.mod, and says in one sentence
# what to do when it is not.
set -euo pipefail
cd "$(dirname "$0")/.."

need=$(awk '$1 == "go" { print $2 }' go.mod)
if ! command -v go >/dev/null; then
  echo "Lumi needs Go $need or newer, and there is no 'go' on the PATH: install it as https://go.dev/doc/install says." >&2
  exit 1
fi
# In this folder an older Go either fetches the version that go.mod names and
# reports that one, or fails.
if ! go env GOVERSION >/dev/null 2>&1 || [[ -z $(go list -m 2>/dev/null) ]]; then
  have=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
  echo "Lumi needs Go $need or newer, and this is ${have#go}: install a newer one as https://go.dev/doc/install says." >&2
  exit 1
fi
