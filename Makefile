# Paddock: `make run` opens the page, `make test` runs every test. Both do their own set-up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.paddock-runtime
STAMPD := $(VENV)/.paddock-dev

.PHONY: help setup setup-dev system run test lint bench samples docs-shots clean

help:  ## What there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(STAMP)  ## Make .venv and install what Paddock runs on

$(STAMP): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed / Python 3.11 ou plus récent est nécessaire"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt -c constraints.txt
	# Another package brings the plain OpenCV wheel, which overwrites contrib's files: put contrib's back.
	$(BIN)/python -c 'import cv2; cv2.xphoto.inpaint; cv2.xphoto.createSimpleWB' 2>/dev/null || $(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --force-reinstall $$(grep ^opencv-contrib requirements.txt)
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	touch $@

setup-dev: $(STAMPD) system

$(STAMPD): $(STAMP) requirements-dev.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements-dev.txt -c constraints.txt
	touch $@

system:  ## Chromium, Pango and Poppler through apt, where they are absent and apt is there
	@sh tests/system.sh

run: setup  ## Open the page
	$(BIN)/paddock open

test: setup-dev  ## All tests, browser tests included
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: setup-dev  ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-dev  ## Side-by-side measurements; results in benchmarks/results
	$(BIN)/python -m benchmarks

samples: setup  ## Render the sample pictures again (needs Blender)
	sh samples/make.sh

docs-shots: setup-dev  ## Take the screenshots of the staff's guide from the running page
	$(BIN)/python -m docs.screenshots

clean:  ## Remove the environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
