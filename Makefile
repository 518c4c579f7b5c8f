# The two commands: `make app` and `make test`. Each installs what is missing and nothing twice.

VENV := .venv
BIN := $(VENV)/bin
SUITED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c '$(SUITED)' 2>/dev/null && echo $$python && break; done)

.PHONY: app test test-slow lint bench lock clean

app: $(VENV)/installed
	@$(BIN)/fmnist app

test: $(VENV)/installed-for-tests
	@$(BIN)/python tests/browser/chromium.py --get
	@$(BIN)/python -m pytest $(PYTEST)

# What the lessons claim, trained on the real images: about ten minutes on two cores.
test-slow: $(VENV)/installed-for-tests
	@$(BIN)/python -m pytest -m slow $(PYTEST)

lint: $(VENV)/installed-for-tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ] || ! $(PYTHON) -c '$(SUITED)' 2>/dev/null; then \
		echo "Fashion-MNIST Studio needs Python 3.11, 3.12 or 3.13: install one of them, or name it with PYTHON=…" >&2; \
		exit 1; fi
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing (once; this takes a few minutes) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-for-tests: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e '.[test]'
	@touch $@

# Takes hours on two cores, and wants the machine for itself.
bench: $(VENV)/installed-for-tests
	@$(BIN)/python tests/browser/chromium.py --get
	@for name in training speedrun live pages looks models quality store chaos; do $(BIN)/python benchmarks/$$name.py || exit 1; done

# Writes requirements.txt anew from pyproject.toml: the newest versions that fit, for every system.
lock: $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --upgrade --no-header --no-annotate --python-version 3.11 \
		pyproject.toml --output-file requirements.txt
	@printf '%s\n%s\n' "$$(cat requirements.txt)" '-e .' > requirements.txt

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis
