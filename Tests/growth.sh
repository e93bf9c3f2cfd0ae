#!/usr/bin/env bash
# Work grows with requests and with nothing else: instructions for 100 k requests over those for 10 k
# lie in 9.5–10.8, ten times the events cost at most 64 allocations more, memory stays small.
set -euo pipefail
bench=${1:?usage: growth.sh path/to/simpp-bench}
if ! command -v valgrind >/dev/null; then
  if [ "$(id -u)" = 0 ]; then root=; else root=sudo; fi
  $root apt-get update -qq && $root apt-get install -y -qq valgrind
fi

instructions() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" "$1" "$2" 2>&1 >/dev/null |
    awk '/Collected/ { print $4 }'
}
allocations() {
  valgrind --tool=memcheck "$bench" "$1" "$2" 2>&1 >/dev/null |
    awk '/total heap usage/ { gsub(",", ""); print $5 }'
}

failed=0
for workload in a a-open a-overload; do
  small=$(instructions "$workload" 10000)
  large=$(instructions "$workload" 100000)
  if awk -v s="$small" -v l="$large" -v w="$workload" 'BEGIN {
      ratio = l / s
      printf "%-11s instructions %.0f -> %.0f, ratio %.3f (9.5 to 10.8)\n", w, s, l, ratio
      exit !(ratio >= 9.5 && ratio <= 10.8) }'; then :; else failed=1; fi
done
# Workload A has 15.8 events a request.
small=$(allocations a 633)
large=$(allocations a 6330)
echo "allocations for 10 k and 100 k events: $small, $large (at most 64 more)"
[ $((large - small)) -le 64 ] || failed=1
peak=$("$bench" a 50000 | sed 's/.*"peakKilobytes": \([0-9]*\).*/\1/')
echo "peak memory of workload A at 50 k requests: $peak kB (at most 120,000)"
[ "$peak" -le 120000 ] || failed=1
if [ "$failed" = 1 ]; then
  echo "growth is out of bounds" >&2
  exit 1
fi
