# make demo      build, simulate the quickstart, print the comparison, write the report
# make test      everything CI runs: format, layers, warnings, tests, growth of instructions
# make install   put simpp into PREFIX/bin
# make bench     time the kernel and the simulator

PREFIX ?= /usr/local
SWIFT ?= swift
CHECKS = --explicit-target-dependency-import-check error

.PHONY: demo test install bench format lint setup release

demo: release
	.build/release/simpp run Scenarios/quickstart.json --db results.sqlite
	.build/release/simpp report results.sqlite -o report.html
	@echo
	@echo "results: results.sqlite    page: report.html"
	@echo "next:    .build/release/simpp explain results.sqlite --request 42"

test: setup lint release
	$(SWIFT) build --build-tests $(CHECKS)
	$(SWIFT) test --skip-build --parallel --skip CommandTests
	SIMPP_RELEASE=.build/release/simpp $(SWIFT) test --skip-build --parallel --filter CommandTests
	bash Tests/growth.sh .build/release/simpp-bench

install: release
	install -d "$(PREFIX)/bin"
	install -m 755 .build/release/simpp "$(PREFIX)/bin/simpp"

bench: release
	.build/release/simpp-bench

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
