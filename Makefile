# Everything a person or a machine does with this project. `make` alone lists it.
# Set-up is automatic: each target brings what it needs, once; a second run needs no network.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
PORT ?= $(or $(KB_PORT),8000)
KB_DATA ?= var
PYTEST_ARGS ?= -n 2 --dist loadfile
LOCK_ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
ASSETS := $(wildcard web/assets/*.scss) $(addprefix web/assets/,package.json package-lock.json build.py)
DATABASE = $(shell find "$(KB_DATA)" -maxdepth 1 \( -name '*.sqlite*' -o -name '*.db' \) 2>/dev/null)

.PHONY: help run test soak check fix bench assets chromium lock clean

help: ## List the targets
	@printf 'The Pan-Sussex procedures knowledge base\n\n'
	@grep -hE '^[a-z]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.* ## /\1\t/' \
		| awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'
	@printf '\nSettings: PORT=%s KB_DATA=%s PYTHON=%s PYTEST_ARGS="%s"\n' \
		'$(PORT)' '$(KB_DATA)' '$(PYTHON)' '$(PYTEST_ARGS)'

run: export KB_DATA := $(KB_DATA)
run: $(VENV)/.project ## Start the site on http://localhost:PORT, with the sample if there are no data yet
	@$(if $(DATABASE),,$(BIN)/kb init --sample)
	@$(BIN)/kb serve --port $(PORT)

test: $(VENV)/.development $(VENV)/.project chromium ## Run all that must pass: the checks and every test (just what CI runs)
	@$(MAKE) -j2 check tests

.PHONY: tests
tests:
	$(BIN)/python -m pytest $(PYTEST_ARGS)

soak: $(VENV)/.bench $(VENV)/.project ## Run the long tests: load, killing, recovery
	$(BIN)/python -m pytest -m soak -o faulthandler_timeout=0

check: $(VENV)/.development $(VENV)/.project ## Check format, lint, types and the line of dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fix: $(VENV)/.development ## Format the code and repair what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.bench $(VENV)/.project ## Measure beside other engines (SIZE=500000 for so many passages alone)
	@for script in $(if $(SIZE),engines,engines pages collections import); do \
		echo "== $$script"; $(BIN)/python -m tests.benchmarks.bench_$$script $(SIZE); done

assets: ## Compile the styles again, quickly (needs npm)
	@$(PYTHON) web/assets/build.py

chromium: ## Bring the browser that the browser tests drive
	@tests/browser/install-chromium.sh

lock: $(VENV)/.development ## Write the lock files again (LOCK_ARGS=--upgrade for the newest)
	$(BIN)/pip-compile $(COMPILE) --output-file=requirements.lock pyproject.toml
	$(BIN)/python -c "$$GROUP" dev | $(BIN)/pip-compile $(COMPILE) \
		--constraint=requirements.lock --output-file=requirements-dev.lock - pyproject.toml
	$(BIN)/python -c "$$GROUP" bench | $(BIN)/pip-compile $(COMPILE) \
		--constraint=requirements.lock --output-file=requirements-bench.lock -

clean: ## Remove what was built; .venv and the data in var stay
	rm -rf dist web/static/built web/assets/node_modules $(VENV)/.project
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find procedures index kb web tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up ------------------------------------------------------------------------------

COMPILE := --quiet --no-config --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-annotate $(LOCK_ARGS)
define GROUP
import sys, tomllib
print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"][sys.argv[1]], sep="\n")
endef
export GROUP

TOO_OLD := This project needs Python 3.11 or newer, and "$(PYTHON)" is not: install one, or name it with "make PYTHON=...".

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo '$(TOO_OLD)' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# what the program needs, at the locked versions
$(VENV)/.runtime: requirements.lock | $(BIN)/python
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@touch $@

# what its developers need, at the locked versions
$(VENV)/.development: requirements-dev.lock | $(VENV)/.runtime
	$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

# the engines that `make bench` measures it against, at the locked versions
$(VENV)/.bench: requirements-bench.lock | $(VENV)/.development
	$(PIP) install --quiet --require-hashes --requirement requirements-bench.lock
	@touch $@

# the program itself, in place; the packaging hook compiles the styles
$(VENV)/.project: pyproject.toml hatch_build.py $(ASSETS) | $(VENV)/.runtime
	$(PIP) install --quiet --no-deps --editable .
	@touch $@
