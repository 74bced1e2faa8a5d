#!/usr/bin/env bash
# Measures Lumi against llama.cpp's llama-bench on the same file: both take
# turns in one run, and the medians and their ratio are printed as a table row.
#
#   .ci/compare.sh LUMI LLAMA_BENCH MODEL [THREADS] [ROUNDS] [PROMPT] [GEN]
set -euo pipefail

if (($# < 3)); then
	sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
lumi=$1 peer=$2 model=$3 threads=${4:-2} rounds=${5:-5} prompt=${6:-512} gen=${7:-128}

# speeds PROGRAM [ARGUMENTS]: the tokens/s of both tests, prompt first.
speeds() {
	"$@" -m "$model" -p "$prompt" -n "$gen" -t "$threads" -r 1 -o json 2>/dev/null |
		grep -o '"avg_ts": *[0-9.]*' | grep -o '[0-9.]*$'
}
median() { sort -n | awk '{v[NR]=$1} END {print (NR%2) ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2}'; }

declare -a ours_pp ours_tg peer_pp peer_tg
for ((i = 0; i < rounds; i++)); do
	mapfile -t a < <(speeds "$lumi" bench)
	mapfile -t b < <(speeds "$peer")
	ours_pp+=("${a[0]}") ours_tg+=("${a[1]}") peer_pp+=("${b[0]}") peer_tg+=("${b[1]}")
done
row() { # NAME OURS THEIRS
	awk -v t="$1" -v a="$2" -v b="$3" -v m="$(basename "$model")" -v n="$threads" \
		'BEGIN {printf "| %s | %s | %d | %.1f | %.1f | %.2f |\n", m, t, n, a, b, a/b}'
}
row "pp$prompt" "$(printf '%s\n' "${ours_pp[@]}" | median)" "$(printf '%s\n' "${peer_pp[@]}" | median)"
row "tg$gen" "$(printf '%s\n' "${ours_tg[@]}" | median)" "$(printf '%s\n' "${peer_tg[@]}" | median)"
