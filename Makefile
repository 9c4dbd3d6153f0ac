# Paddock: `make run` opens the page, `make test` runs every test. Both do their own set-up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.paddock-runtime
STAMPD := $(VENV)/.paddock-dev

.PHONY: help setup setup-dev system run kit test lint bench soak samples docs-shots clean

help:  ## What there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(STAMP)  ## Make .venv and install what Paddock runs on

# The same script that a double click runs: it checks, makes or mends .venv, installs, and writes the stamp last.
$(STAMP): requirements.txt constraints.txt pyproject.toml
	$(PYTHON) app/start/install.py

setup-dev: $(STAMPD) system

$(STAMPD): $(STAMP) requirements-dev.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements-dev.txt -c constraints.txt
	touch $@

system:  ## Chromium, Pango and Poppler through apt, where they are absent and apt is there
	@sh tests/system.sh

run: setup  ## Open the page
	$(BIN)/paddock open

kit: setup  ## A USB folder that installs without a network: make kit OUT=DIR [MODELS=DIR]
	@test -n "$(OUT)" || { echo "make kit OUT=DIR [MODELS=DIR]"; exit 2; }
	$(BIN)/python -m app.start.kit "$(OUT)" $(if $(MODELS),--models "$(MODELS)")

test: setup-dev  ## All tests, browser tests included
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: setup-dev  ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-dev  ## Side-by-side measurements; results in benchmarks/results
	$(BIN)/python -m benchmarks

soak: setup-dev  ## Kills, a full disk, hostile files and mutated pictures: nothing may be lost (10 to 20 minutes)
	$(BIN)/python -m benchmarks.soak

samples: setup  ## Render the sample pictures again (needs Blender)
	sh samples/make.sh

docs-shots: setup-dev  ## Take the screenshots of the staff's guide from the running page
	$(BIN)/python -m docs.screenshots

clean:  ## Remove the environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
