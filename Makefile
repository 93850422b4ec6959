# Each target does its own set-up: see `make help`.

VENV := .venv
BIN := $(VENV)/bin
# Put behind what demo, test, bench and lock run.
ARGS ?=
# The interpreter to make the environment with; searched for when empty.
PYTHON ?=

CODE := $(wildcard src tests benchmarks examples docs)
# Debian's own of a newer generation, in a folder; remove it to have it made again.
NEWER := .newer/trixie
# They measure sound or load, and run beside as little as possible.
MEASURING := tests/linux/test_overlap.py tests/linux/test_load.py tests/linux/test_capture_clicks.py
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
INSTALL_PACKAGE := $(PIP) --no-deps --no-build-isolation -e .
PACKAGE_INPUTS := pyproject.toml src/audiosession/_version.py

.DEFAULT_GOAL := help
# Two targets at once must not install into one environment at once.
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test test-newer lint bench docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.demo ## show what audio sessions do (ARGS="..." are added to `audiosession demo`)
	$(BIN)/audiosession demo $(ARGS)

# coverage starts pytest, because pytest imports the package's own plugin before pytest-cov could measure it.
# It slows down what it measures: only the tests of the core are run by it, and reach what they should alone.
# Tests with real servers wait most of their time, so there are more of them at once than cores, and the others run beside them;
# those that walk every case come after, since they would be slowed down and slow down for longer.
# What measures sound and memory has the machine for itself, at the end.
test: $(VENV)/.dev $(VENV)/.debian $(VENV)/.npm ## run the tests (ARGS="..." are pytest's, and leave out the coverage check)
ifneq ($(strip $(ARGS)),)
	$(BIN)/python -m pytest $(ARGS)
else
	@set -eu; \
	trap 'kill $$others 2>/dev/null || true' EXIT; \
	{ failed=0; \
	  $(BIN)/coverage run -m pytest -m "not exhaustive" tests/core || failed=1; \
	  $(BIN)/coverage report --include='*/audiosession/core/*' --fail-under=95 || failed=1; \
	  $(BIN)/python -m pytest -m "not exhaustive" --ignore tests/linux --ignore tests/core || failed=1; \
	  exit $$failed; } >$(VENV)/test.log 2>&1 & others=$$!; \
	echo "The tests without real servers run beside these; what they say comes after."; \
	linux=0; $(BIN)/python -m pytest -n 3 --dist loadgroup tests/linux $(MEASURING:%=--ignore %) || linux=$$?; \
	alone=0; wait $$others || alone=$$?; cat $(VENV)/test.log; \
	$(BIN)/python -m pytest -m exhaustive tests/core >$(VENV)/test.log 2>&1 & others=$$!; \
	cases=0; $(BIN)/python -m pytest -m exhaustive --ignore tests/linux --ignore tests/core || cases=$$?; \
	walks=0; wait $$others || walks=$$?; cat $(VENV)/test.log; \
	prompts=0; $(BIN)/python -m pytest -n 2 --dist loadgroup $(MEASURING) -k hundred_prompts || prompts=$$?; \
	load=0; $(BIN)/python -m pytest $(MEASURING) -k hundred_clients || load=$$?; \
	measured=0; $(BIN)/python -m pytest $(MEASURING) -k "not hundred" || measured=$$?; \
	[ $$((linux + alone + cases + walks + prompts + load + measured)) -eq 0 ] || { echo "make test: some failed, see above" >&2; exit 1; }
endif

test-newer: $(VENV)/.dev $(VENV)/.debian $(NEWER)/.made ## run the tests with PipeWire against Debian trixie's (as root)
	@export AUDIOSESSION_TEST_ROOT=$(abspath $(NEWER)); \
	most=0; $(BIN)/python -m pytest -n 2 --dist loadgroup tests/pipewire tests/linux $(MEASURING:%=--ignore %) \
		-k "not pulseaudio" $(ARGS) || most=$$?; \
	measured=0; $(BIN)/python -m pytest $(MEASURING) -k "not pulseaudio" $(ARGS) || measured=$$?; \
	[ $$((most + measured)) -eq 0 ] || { echo "make test-newer: some failed, see above" >&2; exit 1; }

lint: $(VENV)/.dev ## check style, format and types
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy --strict $(CODE)

bench: $(VENV)/.dev ## run the benchmarks (ARGS="..." are theirs)
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.dev ## build the documentation and run its examples
	$(BIN)/sphinx-build -n -W --keep-going -b html docs docs/_build/html
	$(BIN)/sphinx-build -n -W --keep-going -b doctest docs docs/_build/doctest

LOCK = $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command "make lock" --python-version 3.11 $(ARGS)

# demo before dev: the demo's pins are dev's constraints.
lock: $(VENV)/.lock ## pin requirements/*.in in requirements/*.txt (ARGS=--upgrade for the newest)
	$(LOCK) requirements/lock.in -o requirements/lock.txt
	$(LOCK) requirements/demo.in -o requirements/demo.txt
	$(LOCK) requirements/dev.in -o requirements/dev.txt

clean: ## remove what the other targets made, except .venv
	rm -rf build dist docs/_build .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: a second run is instant, a change of what they depend on installs again.

$(VENV)/.demo: requirements/demo.txt $(PACKAGE_INPUTS) | $(VENV)/.made
	$(PIP) --require-hashes -r requirements/demo.txt
	$(INSTALL_PACKAGE)
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(PACKAGE_INPUTS) | $(VENV)/.made
	$(PIP) --require-hashes -r requirements/dev.txt
	$(INSTALL_PACKAGE)
	@touch $@ $(VENV)/.demo

$(VENV)/.lock: requirements/lock.txt | $(VENV)/.made
	$(PIP) --require-hashes -r requirements/lock.txt
	@touch $@

# Without apt or the right to use it, the tests skip what they find no server for, and say so.
$(VENV)/.debian: requirements/debian.txt | $(VENV)/.made
	@set -eu; \
	packages="$$(grep -v '^#' $<)"; \
	missing=""; \
	if command -v dpkg-query >/dev/null; then \
		for package in $$packages; do \
			dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' \
				|| missing="$$missing $$package"; \
		done; \
	fi; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" -eq 0 ]; then \
			apt-get update; \
			DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$missing; \
		else \
			echo "For all tests: sudo apt-get install$$missing" >&2; exit 0; \
		fi; \
	fi; \
	touch $@

# The public API declarations of phones, which npm checks against the lock file's sums. Without npm
# or the right to install it, the tests that need them skip, and say so.
$(VENV)/.npm: requirements/npm/package.json requirements/npm/package-lock.json | $(VENV)/.made
	@set -eu; \
	if ! command -v npm >/dev/null; then \
		if [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then \
			apt-get update; \
			DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends npm; \
		else \
			echo "For all tests: install npm, for example with sudo apt-get install npm" >&2; exit 0; \
		fi; \
	fi; \
	mkdir -p $(VENV)/npm; \
	cp requirements/npm/package.json requirements/npm/package-lock.json $(VENV)/npm/; \
	npm ci --prefix $(VENV)/npm --ignore-scripts --no-audit --no-fund --silent; \
	touch $@

$(NEWER)/.made:
	@set -eu; \
	if [ "$$(id -u)" -ne 0 ]; then echo "make test-newer needs root, for debootstrap and chroot." >&2; exit 1; fi; \
	if ! command -v debootstrap >/dev/null; then \
		apt-get update; \
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap; \
	fi; \
	rm -rf $(NEWER); mkdir -p $(NEWER); \
	debootstrap --variant=minbase \
		--include=dbus,dbus-x11,libspa-0.2-bluetooth,pipewire,pipewire-bin,pipewire-pulse,pulseaudio-utils,wireplumber \
		trixie $(NEWER); \
	touch $@

# Debian keeps the part of Python that makes environments in a package of its own.
$(VENV)/.made:
	@set -eu; \
	new_enough() { "$$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }; \
	fail() { echo "$$*" >&2; exit 1; }; \
	if new_enough $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		touch $@; exit 0; \
	fi; \
	python="$(PYTHON)"; \
	if [ -n "$$python" ]; then \
		new_enough "$$python" || fail "PYTHON=$$python is not a Python 3.11 or newer."; \
	else \
		for candidate in python3 python3.11 python3.12 python3.13 python3.14; do \
			if new_enough "$$candidate"; then python="$$candidate"; break; fi; \
		done; \
		[ -n "$$python" ] || fail "No Python 3.11 or newer found. Install one, or name it: make PYTHON=/path/to/python"; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		package="$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; \
		if [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then \
			apt-get update; \
			DEBIAN_FRONTEND=noninteractive apt-get install -y "$$package"; \
		else \
			fail "$$python cannot make virtual environments. Install $$package first, on Debian: sudo apt-get install $$package"; \
		fi; \
	fi; \
	"$$python" -m venv --clear $(VENV); \
	touch $@
