#!/usr/bin/env bash
# Runs every fuzz target of the module, ten seconds each and three minutes in
# all at the most.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Only packages that hold a target are compiled, and always without cgo, so
# that the instrumented build stays small.
targets=()
while IFS=: read -r file line; do
  name=${line#func }
  targets+=("$(dirname "$file") ${name%%(*}")
done < <(grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+\(' . | grep -v '/gen/')
((${#targets[@]})) || { echo "there is no fuzz target" >&2; exit 1; }

seconds=$((180 / ${#targets[@]}))
((seconds <= 10)) || seconds=10
((seconds >= 2)) || seconds=2
for target in "${targets[@]}"; do
  read -r package name <<<"$target"
  echo "fuzzing $package $name for ${seconds}s"
  if ! go test "$package" -run '^$' -fuzz "^$name\$" -fuzztime "${seconds}s" -fuzzminimizetime 10x >"$log" 2>&1; then
    # Go's fuzzer now and then reports the end of its own time as a failure
    # (golang/go#75804); a real one comes with an input.
    if grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input written' "$log"; then
      continue
    fi
    cat "$log"
    exit 1
  fi
done
