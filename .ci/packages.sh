#!/usr/bin/env bash
# Installs the system packages that are missing, and nothing when none is:
#
#   packages.sh build   what compiling the window and fetching the starter model need
#   packages.sh test    the same, and what driving the window in a virtual display and
#                       checking the encodings of instructions need
#
# Only Debian and its relatives are served; elsewhere it names what is needed.
set -euo pipefail

packages=(
  gcc libc6-dev pkg-config git ca-certificates
  libgl-dev libgles-dev libegl-dev libx11-dev libxcursor-dev libxrandr-dev
  libxinerama-dev libxi-dev libxxf86vm-dev libwayland-dev libxkbcommon-dev
  python3 python3-pip
)
if [[ ${1:-build} == test ]]; then
  packages+=(xvfb xdotool openbox imagemagick x11-utils xclip dbus-x11 libgl1-mesa-dri llvm)
fi

[[ $(uname -s) == Linux ]] || exit 0
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "This is not a Debian system. If the build stops for want of a header, install the equivalents of:" >&2
  echo "  ${packages[*]}" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed* ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

install=(env DEBIAN_FRONTEND=noninteractive apt-get)
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "These packages are missing and there is no sudo. As root, run:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  install=(sudo env DEBIAN_FRONTEND=noninteractive apt-get)
fi
echo "Installing: ${missing[*]}" >&2
"${install[@]}" update -qq
# What dpkg tells of every package is left out; errors come on stderr.
"${install[@]}" install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
