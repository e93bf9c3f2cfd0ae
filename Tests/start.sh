#!/usr/bin/env bash
# A run's first event does not wait: nothing waits for the disk before its spool is made, however long
# the run, and launch and check take few instructions. The time from launch to spool, as strace sees and
# slows it, is printed; times are nobody's to assert.
set -euo pipefail
simpp=$(realpath "${1:?usage: start.sh path/to/simpp SCENARIO}")
scenario=$(realpath "${2:?usage: start.sh path/to/simpp SCENARIO}")
for tool in strace valgrind; do
  if ! command -v $tool >/dev/null; then
    if [ "$(id -u)" = 0 ]; then root=; else root=sudo; fi
    $root apt-get update -qq && $root apt-get install -y -qq $tool
  fi
done
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

failed=0
lengths="10s 300d"
if ! strace -o trace true 2>/dev/null; then
  echo "waits before the first event: not counted, as this system lets nobody trace a program"
  lengths=""
fi
for length in $lengths; do
  best=1000000
  waits=0
  for _ in 1 2 3 4 5; do
    rm -f results.sqlite*
    timeout --signal=INT 1 strace -f -ttt -e trace=execve,openat,fsync,fdatasync -o trace \
      "$simpp" run "$scenario" --set duration=$length --set warmup=0s --quiet >/dev/null 2>&1 || true
    seen=$(awk '
      !start { start = $2 }
      /f(data)?sync\(/ { waits++ }
      /O_EXCL/ && /\.spool"/ { printf "%d %d\n", ($2 - start) * 1e6, waits; exit }' trace)
    if [ -z "$seen" ]; then
      echo "a run of $length made no spool within a second" >&2
      exit 1
    fi
    read -r microseconds before <<<"$seen"
    if [ "$microseconds" -lt "$best" ]; then best=$microseconds; fi
    waits=$((waits + before))
  done
  echo "a run of $length: $best us until the first event, as strace slows it; waits for the disk: $waits (at most 0)"
  if [ "$waits" -gt 0 ]; then failed=1; fi
done
# Valgrind 3.19 gives up over the DWARF 5 of C code that is linked; what it counts needs none.
strip --strip-debug -o "$place/stripped" "$simpp"
instructions=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$place/stripped" validate "$scenario" \
  2>&1 >/dev/null | awk '/Collected/ { print $4 }')
echo "instructions of launch and check: $instructions (at most 95,000,000)"
if [ "$instructions" -gt 95000000 ]; then failed=1; fi
if [ "$failed" = 1 ]; then
  echo "runs have become slow to begin" >&2
  exit 1
fi
