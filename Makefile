# Two commands do everything on a machine with Python 3.11 and make: `make run` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run demo env env-dev test browser soak check lint types format quality model bench smoke lock audit sbom clean

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
UV := $(shell command -v uv 2>/dev/null || echo .venv/uv/bin/uv)
PY := .venv/bin/python
AUDIT := pip-audit==2.10.1
SBOM := cyclonedx-bom==7.5.0
BOTH := --numprocesses 2 --dist loadfile
# Sorted by how many tests they hold, the slow files with few would come last.
IN_ORDER := --no-loadscope-reorder
export UNBOUGHT_HOME ?= data/local
# Where compiled files may not be kept, each process compiles three thousand files anew: five seconds a start.
unexport PYTHONDONTWRITEBYTECODE

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: env ## start the desk: builds what is missing, a demo world on the first start, then the web app and the worker
	@$(PY) -m analytics demo --if-empty
	@exec $(PY) -m analytics serve

demo: env ## generate the demo world, load it, detect, open cases
	@$(PY) -m analytics demo

env: .venv/.installed ## build .venv with what the product needs
env-dev: .venv/.installed-dev ## the same with what its tests need

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found."; exit 2; }
	@$(PYTHON) -m venv --without-pip .venv
	@command -v uv >/dev/null 2>&1 || $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --target .venv/uv -r requirements-uv.lock

.venv/.installed: requirements.lock | .venv/bin/python
	@echo "Installing what Unbought needs (once)."
	@$(UV) pip install --quiet --require-hashes --python $(PY) -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	@$(UV) pip install --quiet --require-hashes --python $(PY) -r requirements-dev.lock
	@touch $@

# The browser keeps an event loop of its own going, so its tests have a process of their own; the world at work that
# many tests start from is built once for both.
test: env-dev ## every test, the browser's included; says which ones it had to leave out
	@kept="$$(mktemp -d)"; trap 'rm -rf "$$kept"' EXIT; export UNBOUGHT_PREPARED_HOME="$$kept/home"; \
	$(PY) -m pytest -m "not browser" $(BOTH) $(IN_ORDER) || exit; \
	engine="$$($(PY) -m tests.browser.engine)"; \
	if [ -n "$$engine" ]; then UNBOUGHT_CHROMIUM="$$engine" $(PY) -m pytest -m browser tests/browser $(BOTH); \
	else echo "No Chromium could be had: the browser tests (tests/browser) are left out."; fi

browser: env-dev ## the browser tests alone
	@UNBOUGHT_CHROMIUM="$$($(PY) -m tests.browser.engine)" $(PY) -m pytest -m browser tests/browser $(BOTH)

soak: env-dev ## the ledger's state machines for 10,000 steps, and 3,000 with bulks
	@UNBOUGHT_SOAK_STEPS=10000 $(PY) -m pytest tests/analytics/workflows/test_state_machine.py tests/analytics/workflows/test_bulk_machine.py -q --timeout 0

check: lint types ## lint, format, types

lint: env-dev
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

types: env-dev
	@$(PY) -m mypy

format: env-dev ## put the code into the project's layout
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

model: env ## train the shipped model anew on synthetic worlds
	@$(PY) -m analytics train

quality: env ## detection quality on standard worlds, one family of services left out in turn → docs/quality.md
	@$(PY) -m analytics quality

bench: env ## the measurements of docs/bench.md, as ratios to bare DuckDB
	@$(PY) -m analytics bench

smoke: env ## a first start in an empty home: demo world, web app, queue, clean stop
	@$(PY) .ci/smoke.py

lock: env-dev ## resolve the dependencies anew
	@$(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml --extra postgres -o requirements.lock
	@$(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml --extra postgres --group dev -o requirements-dev.lock

audit: env ## look up what is locked among the known vulnerabilities
	@$(UV) tool run --quiet --from "$(AUDIT)" pip-audit --requirement requirements.lock --require-hashes --disable-pip

sbom: env ## write down what the product is made of, as CycloneDX: sbom.json
	@$(UV) tool run --quiet --from "$(SBOM)" cyclonedx-py requirements requirements.lock --output-file sbom.json

clean: ## remove the environment and caches; never your data
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
