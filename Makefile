# make demo         build, simulate the quickstart, print the comparison, write the report
# make test         everything CI runs: format, layers, warnings, tests, instructions
# make install      put simpp into PREFIX/bin
# make bench        time the kernel and the simulator, beside other simulators' times
# make bench-check  instructions and allocations against their thresholds, and how they grow

PREFIX ?= /usr/local
SWIFT ?= swift
CHECKS = --explicit-target-dependency-import-check error

.PHONY: demo test install bench bench-check format lint setup release valgrind

demo: release
	.build/release/simpp run Scenarios/quickstart.json --db results.sqlite
	.build/release/simpp report results.sqlite -o report.html
	@echo
	@echo "results: results.sqlite    page: report.html"
	@echo "next:    .build/release/simpp explain results.sqlite --request 42"

test: setup lint release valgrind
	$(SWIFT) build --build-tests $(CHECKS)
	$(SWIFT) test --skip-build --parallel --skip CommandTests
	SIMPP_RELEASE=.build/release/simpp $(SWIFT) test --skip-build --parallel --filter CommandTests
	.build/release/simpp-bench check
	bash Tests/writing.sh .build/release/simpp-bench-results Scenarios/published/vidur-b.json
	bash Tests/start.sh .build/release/simpp Scenarios/quickstart.json

install: release
	install -d "$(PREFIX)/bin"
	install -m 755 .build/release/simpp "$(PREFIX)/bin/simpp"

bench: release
	.build/release/simpp-bench
	.build/release/simpp-bench-results Scenarios/published/vidur-b.json 1000000

bench-check: release valgrind
	.build/release/simpp-bench check
	bash Tests/writing.sh .build/release/simpp-bench-results Scenarios/published/vidur-b.json

lint:
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Package.swift

format:
	$(SWIFT) format --in-place --recursive --parallel Sources Tests Package.swift

release: setup
	$(SWIFT) build -c release $(CHECKS)

# SQLite's header and library are the one system package the build needs.
setup:
	@command -v $(SWIFT) >/dev/null || { echo "simpp needs Swift 6.2 or later: https://swift.org/install" >&2; exit 1; }
	@if [ ! -e /usr/include/sqlite3.h ] && command -v apt-get >/dev/null; then \
	  echo "installing libsqlite3-dev"; \
	  if [ "$$(id -u)" = 0 ]; then root=; else root=sudo; fi; \
	  $$root apt-get update -qq && $$root apt-get install -y -qq libsqlite3-dev; fi

# Counts instructions for bench-check.
valgrind:
	@if ! command -v valgrind >/dev/null && command -v apt-get >/dev/null; then \
	  echo "installing valgrind"; \
	  if [ "$$(id -u)" = 0 ]; then root=; else root=sudo; fi; \
	  $$root apt-get update -qq && $$root apt-get install -y -qq valgrind; fi
