# Everything runs from a virtual environment made of locked, hashed packages.
# `make demo` and `make up` install the run lock, the other targets the dev lock.

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes --requirement
SELF := $(PIP) install --quiet --no-deps --no-build-isolation --editable .

.PHONY: demo up test lint lock bench venv studio chromium clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.run
	$(BIN)/cauce demo

up: $(VENV)/.run
	$(BIN)/cauce up

venv: $(VENV)/.dev

test: $(VENV)/.dev $(VENV)/.studio chromium
	$(BIN)/python -m pytest

# Studio's editor is a bundle in the tree, so that nobody who runs or changes Cauce needs Node. It is made anew from
# locked npm packages here, and compared before the tests, whenever it or its sources changed.
STUDIO := $(wildcard api/studio/bundle/*.* api/studio/page/*.js api/studio/page/*.ts)

studio: $(VENV)/.dev
	$(BIN)/python -m tests.studio.bundle

$(VENV)/.studio: $(STUDIO) | $(VENV)/.dev
	$(BIN)/python -m tests.studio.bundle --check
	touch $@

# The browser of the tests; where it cannot be installed, they fail and say what to do.
chromium:
	command -v chromium >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get || \
		{ apt-get update --quiet=2 && apt-get install --quiet=2 --yes chromium >/dev/null; }

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# uv is told nothing about this machine's indexes, so that the locks hold for every machine.
UV := env $(foreach name,$(filter PIP_% UV_%,$(.VARIABLES)),-u $(name)) $(BIN)/uv pip compile \
	--quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-emit-index-url \
	--custom-compile-command "make lock" $(LOCK_FLAGS) pyproject.toml --extra build

lock:
	test -x $(BIN)/uv || $(MAKE) venv
	$(UV) --output-file requirements.txt
	$(UV) --extra dev --extra train --constraint requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(BIN)/python:
	"$$(.ci/find-python)" -m venv $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(BIN)/python
	if test -e $(VENV)/.dev; then $(MAKE) $(VENV)/.dev; else $(INSTALL) requirements.txt && $(SELF); fi
	touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	$(INSTALL) requirements-dev.txt
	$(SELF)
	touch $(VENV)/.run $@
