#!/usr/bin/env bash
# Compiles the kernels' tests for arm64 and, where an emulator is installed
# (Debian's qemu-user), runs them on a processor with 8-bit dot products, which
# takes the NEON kernels, and on one without, which falls back to portable Go.
set -euo pipefail
cd "$(dirname "$0")/../accel/cpu/kernel"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go test -c -o "$folder/kernel.test"
if [[ $(uname -sm) == "Linux aarch64" ]]; then
  "$folder/kernel.test" -test.short
elif command -v qemu-aarch64 >/dev/null; then
  for cpu in max cortex-a72; do
    echo "testing the kernels on an emulated arm64 processor: $cpu"
    qemu-aarch64 -cpu "$cpu" "$folder/kernel.test" -test.short
  done
else
  echo "skipped: the kernels' arm64 tests compile, but there is no qemu-aarch64 to run them (Debian: qemu-user)" >&2
fi
