# From nothing (CPython 3.11 or newer, make): `make demo` shows the main job, `make test` passes every test.
PYTHON ?= python3
VENV   := .venv
UV      = $(VENV)/tools/bin/uv
RUN     = $(VENV)/bin
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.PHONY: demo test lint types layers docs bench full browser-deps java-deps constraints clean

$(VENV)/tools/bin/uv:
	@echo "==> making the environment in $(VENV)"
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), f"Almaz needs Python 3.11 or newer; $(PYTHON) is {sys.version.split()[0]}. Run: make PYTHON=python3.11 …"'
	@$(PYTHON) -m venv $(VENV)/tools
	@$(VENV)/tools/bin/pip install --quiet --disable-pip-version-check uv

$(RUN)/python: $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt $(RUN)/python
	@echo "==> installing Almaz"
	@$(UV) pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(RUN)/python
	@echo "==> installing Almaz and what its tests need"
	@$(UV) pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@$(RUN)/almaz demo

lint: $(VENV)/.dev
	@$(RUN)/ruff format --check . && $(RUN)/ruff check .
types: $(VENV)/.dev
	@$(RUN)/mypy
layers: $(VENV)/.dev
	@$(RUN)/lint-imports

browser-deps:
	@command -v chromium >/dev/null || { echo "==> installing Chromium for the browser tests"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core >/dev/null; }

java-deps: # Spark's tests run on this machine's Java
	@command -v java >/dev/null || { echo "==> installing Java for the tests of Spark"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq openjdk-17-jre-headless >/dev/null; }

test: $(VENV)/.dev lint types layers browser-deps java-deps
	@echo "==> the tests of the site on PostgreSQL"
	@ALMAZ_TEST_DATABASE=postgresql $(RUN)/pytest -n 2 --dist worksteal tests/web -m "not browser and not full and not own_site"
	@echo "==> all tests"
	@$(RUN)/pytest -n 2 --dist worksteal

docs: $(VENV)/.dev
	@NO_MKDOCS_2_WARNING=1 $(RUN)/mkdocs build --strict --quiet

bench: $(VENV)/.dev
	@$(RUN)/python -m benchmarks $(or $(NAMES),all)

constraints: $(UV)
	@$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate --no-header --extra dev pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) build dist site editions reports .pytest_cache .mypy_cache .ruff_cache .hypothesis
