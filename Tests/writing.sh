#!/usr/bin/env bash
# Writing request rows takes at most 1.15 times the instructions that SQLite's C interface takes for the
# same rows.
set -euo pipefail
bench=${1:?usage: writing.sh path/to/simpp-bench-results SCENARIO}
scenario=${2:?usage: writing.sh path/to/simpp-bench-results SCENARIO}
if ! command -v valgrind >/dev/null; then
  if [ "$(id -u)" = 0 ]; then root=; else root=sudo; fi
  $root apt-get update -qq && $root apt-get install -y -qq valgrind
fi

# Valgrind 3.19 gives up over the DWARF 5 of C code that is linked; what it counts needs none.
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
strip --strip-debug -o "$place/stripped" "$bench"

rows=50000
instructions() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$place/stripped" "$scenario" "$rows" "$1" 2>&1 >/dev/null |
    awk '/Collected/ { print $4 }'
}
none=$(instructions none)
raw=$(instructions raw)
run=$(instructions run)
awk -v n="$none" -v r="$raw" -v o="$run" -v rows="$rows" 'BEGIN {
  ratio = (o - n) / (r - n)
  printf "instructions a row: %d, the C interface %d, ratio %.3f (at most 1.15)\n",
    (o - n) / rows, (r - n) / rows, ratio
  exit !(ratio <= 1.15) }' || {
  echo "writing rows has become slow" >&2
  exit 1
}
