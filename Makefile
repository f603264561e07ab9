# Everything one does with a checkout of Moothall. `make` alone lists it.
# Needs python3 (3.11 or newer) and make; each target sets up what it needs by itself, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Stamps: they live in the venv, so that they vanish with it, and age with pyproject.toml.
PIP := $(VENV)/.has-pip
RUN := $(VENV)/.has-moothall
DEV := $(VENV)/.has-dev-tools
CONFORMANCE := $(VENV)/.has-conformance-cases
# Test processes at once, and what else to hand to the program: make demo ARGS="--pace 0".
JOBS ?= auto
ARGS ?=

PYTEST := MOOTHALL_STRICT=1 $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix cover mutants torture bench conformance imports screenshots clean system-tools

help: ## List what make can do.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(DEV) ## Make .venv with Moothall and the tools for working on it.
	@echo "Ready: try make demo, make test, or $(BIN)/moothall --help."

demo: $(RUN) ## Hold one conversation: a server and four bots. ARGS="--pace 0" for no pauses.
	@$(BIN)/moothall demo $(ARGS)

test: check system-tools ## Run all that CI runs: make check, every test, and the coverage wanted.
	@echo "Running the tests ..."
	@rm -f .coverage .coverage.*
	@$(PYTEST) --cov --cov-report= --junitxml=.pytest_cache/report.xml $(ARGS)
	@$(BIN)/python tools/verdict.py .pytest_cache/report.xml

check: $(DEV) ## Run the part of make test that starts nothing: ruff, mypy --strict, import-linter.
	@echo "Checking style, types and imports ..."
	@$(BIN)/ruff check --quiet --output-format=concise .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: make fix formats them."; exit 1; }
	@$(BIN)/mypy src tests tools bench examples server.py
	@$(MAKE) --no-print-directory imports

fix: $(DEV) ## Mend what ruff can mend, and format everything.
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

cover: $(DEV) ## Show which lines the tests miss, here and in htmlcov/index.html.
	@rm -f .coverage .coverage.*
	@$(PYTEST) --cov --cov-report=term-missing:skip-covered --cov-report=html $(ARGS)

mutants: $(DEV) ## Plant faults in engine, wire, press and courier; 90 % must be found. Writes docs/mutants.md.
	@echo "Planting faults; this takes half an hour on two cores ..."
	@rm -rf mutants
	@$(BIN)/mutmut run $(ARGS)
	@$(BIN)/python tools/mutants_report.py

# What measures by the machine's clock comes last, with the machine to itself.
ALONE := real_races stalled_readers
torture: $(DEV) system-tools ## Break it as hard as can be: kills, power cuts, full disks, races. PART=kills for one part.
ifdef PART
	@MOOTHALL_TORTURE=1 $(PYTEST) $(if $(filter $(PART),$(ALONE)),-n 0) tests/torture/test_$(PART).py $(ARGS)
else
	@echo "Torturing the store and the floor; this takes about an hour. The parts: \
		$(sort $(patsubst tests/torture/test_%.py,%,$(wildcard tests/torture/test_*.py)))."
	@MOOTHALL_TORTURE=1 $(PYTEST) tests/torture $(ALONE:%=--ignore tests/torture/test_%.py) $(ARGS)
	@MOOTHALL_TORTURE=1 $(PYTEST) -n 0 $(ALONE:%=tests/torture/test_%.py) $(ARGS)
endif

bench: $(RUN) ## Measure how fast it is. ARGS="--help" says what can be measured.
	@$(BIN)/python -m bench $(ARGS)

conformance: $(CONFORMANCE) ## Run Autobahn's WebSocket cases against the web door. Writes docs/conformance.md.
	@$(BIN)/python tools/conformance.py

imports: $(DEV) ## Check the arrows: which package may import which.
	@$(BIN)/lint-imports --no-cache --no-logo

screenshots: $(DEV) system-tools ## Take the pictures of the page in docs/images anew.
	@$(BIN)/python tools/screenshots.py

clean: ## Remove what the checks left behind. The venv stays: rm -r .venv removes it.
	@rm -rf mutants htmlcov build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache bench/build
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# Some tests speak to the server with netcat, watch its system calls, look at its screen, or open it in a
# browser. Without these tools they are errors here, and skips under plain pytest.
system-tools:
	@command -v nc >/dev/null && command -v strace >/dev/null && command -v tmux >/dev/null && \
		command -v chromium >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing netcat, strace, tmux and chromium for some of the tests ..."; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
				netcat-openbsd strace tmux chromium fonts-liberation >/dev/null; \
		else echo "Tests need nc, strace, tmux and chromium: install netcat-openbsd, strace, tmux and chromium."; fi; }

# A venv that is already there is kept. Dependency groups need pip 25.1; Python 3.11 may bring 23.2.
$(PIP):
	@command -v $(PYTHON) >/dev/null || { echo "Moothall needs Python 3.11 or newer, and there is no $(PYTHON) here."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Moothall needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Name another: make PYTHON=python3.12."; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
		$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
			echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv."; exit 1; }; \
		echo "Making $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check 'pip>=25.1'
	@touch $@

$(RUN): $(PIP) pyproject.toml
	@echo "Installing Moothall into $(VENV); the first time takes a moment ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable .
	@touch $@

$(DEV): $(PIP) pyproject.toml
	@echo "Installing Moothall and its tools into $(VENV); the first time takes a minute ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable . --group dev
	@touch $@ $(RUN)

$(CONFORMANCE): $(DEV) pyproject.toml
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --group conformance
	@touch $@
