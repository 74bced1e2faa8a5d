#!/usr/bin/env bash
# Drives the real window as a person would, in a virtual display and with
# folders of its own: waits for the window, sends a message to the starter
# model, waits for the whole answer on disk, looks at the screen and closes the
# window.
#
#   smoke.sh PROGRAM [SCREENSHOT.png]
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "$1")
scratch=$(mktemp -d)
screenshot=${2:-$scratch/window.png}

own_data=${XDG_DATA_HOME:-$HOME/.local/share}
.ci/starter.sh

export XDG_DATA_HOME=$scratch/data XDG_CONFIG_HOME=$scratch/config
export XDG_CACHE_HOME=$scratch/cache XDG_STATE_HOME=$scratch/state
export LANG=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1 GALLIUM_DRIVER=llvmpipe NO_AT_BRIDGE=1
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS

jobs=()
finish() {
  status=$?
  if ((${#jobs[@]})); then
    kill "${jobs[@]}" 2>/dev/null || true
    sleep 1
    kill -KILL "${jobs[@]}" 2>/dev/null || true
    wait || true
  fi
  if ((status)); then
    echo "--- the program's output" >&2
    cat "$scratch/program.log" >&2 || true
  fi
  rm -rf "$scratch"
}
trap finish EXIT

# eventually SECONDS WHAT COMMAND… repeats the command until it succeeds.
eventually() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if ! kill -0 "$lumi" 2>/dev/null; then
      echo "the program ended while this was awaited: $what" >&2
      return 1
    fi
    if ((SECONDS >= end)); then
      echo "this did not happen in time: $what" >&2
      return 1
    fi
    sleep 0.2
  done
}

# saved ROLE reports whether a finished message of this role is on disk.
saved() {
  python3 - "$XDG_DATA_HOME/lumi/chats.db" "$1" <<'PYTHON'
import sqlite3, sys

path, role = sys.argv[1:]
try:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    row = db.execute("SELECT count(*) FROM messages WHERE role = ? AND done AND content <> ''", (role,)).fetchone()
except sqlite3.Error:
    sys.exit(1)
sys.exit(0 if row[0] else 1)
PYTHON
}

window() { xdotool search --onlyvisible --name '^Lumi' >/dev/null 2>&1; }

# A message that is typed while the model is still loading stays in the
# composer, so Return is pressed until it is sent.
sent() {
  xdotool key Return
  sleep 1
  saved user
}

mkdir -p "$XDG_DATA_HOME/lumi/models"
cp "$own_data/lumi/models/SmolLM2-135M-Instruct.Q4_1.gguf" "$XDG_DATA_HOME/lumi/models/"

# -displayfd picks a display that is free.
Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset +extension GLX \
  3>"$scratch/display" >"$scratch/xvfb.log" 2>&1 &
jobs+=($!)
lumi=$!
eventually 20 "the virtual display is up" test -s "$scratch/display"
DISPLAY=:$(<"$scratch/display")
export DISPLAY
openbox --sm-disable >"$scratch/openbox.log" 2>&1 &
jobs+=($!)

"$program" >"$scratch/program.log" 2>&1 &
lumi=$!
jobs+=("$lumi")
eventually 60 "the window is shown" window
echo "the window is shown"
xdotool search --onlyvisible --name '^Lumi' windowactivate --sync
sleep 2
xdotool type --delay 20 'Why is the sky blue?'
eventually 60 "the message is on disk" sent
echo "the message is on disk"
eventually 240 "the answer is on disk" saved assistant
echo "the answer is on disk"

sleep 1
import -window root "$screenshot"
colours=$(identify -format '%k' "$screenshot")
if ((colours < 50)); then
  echo "the screen is blank: it has only $colours colours" >&2
  exit 1
fi
echo "the screen has $colours colours"

xdotool key alt+F4
for ((i = 0; i < 150; i++)); do
  kill -0 "$lumi" 2>/dev/null || break
  sleep 0.2
done
if kill -0 "$lumi" 2>/dev/null; then
  echo "the program runs on though its window was closed" >&2
  exit 1
fi
status=0
wait "$lumi" || status=$?
if ((status)); then
  echo "the program ended with $status" >&2
  exit 1
fi
echo "the window is closed"
