# Everything a newcomer, a developer and CI need. Plain make, nothing to install beforehand but
# Python 3.11 with its venv module (Debian: apt-get install python3-venv).

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install -q --disable-pip-version-check
TEMPLATES := find templates caisu members news -name '*.html' -exec $(BIN)/djade --target-version 5.2

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run dev test check looks format messages bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run ## Serve the site as in production, with the demo community on first run (PORT, HOST)
	@exec $(BIN)/python manage.py run

dev: .venv/run ## The same with DEBUG on and reload at each change
	@exec $(BIN)/python manage.py run --dev

test: .venv/dev ## Run the suite on SQLite, on PostgreSQL and in a browser
	@exec $(BIN)/python -m caisu.tests.legs

# The variables of a real site, as docs tell a webmaster to set them, whatever the shell or
# var/local.env say; with them `check --deploy` has to be silent. The database is never opened.
check: export CAISU_ENV_FILE :=
check: export SECRET_KEY = $(shell head -c 40 /dev/urandom | base64)
check: export SITE_URL := https://caisu.example.org
check: export DATABASE_URL := sqlite://:memory:
check: .venv/dev ## Everything CI checks besides the tests
	$(BIN)/ruff check --output-format concise
	$(BIN)/ruff format --check --output-format concise
	$(TEMPLATES) --check {} +
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python .ci/catalogues.py check

looks: .venv/dev ## Compare the living page with the parent commit’s, pixel by pixel (REVISION)
	@exec $(BIN)/python -m caisu.tests.looks $(REVISION)

format: .venv/dev ## Put code and templates into the form that check asks for
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	$(TEMPLATES) {} + || true  # djade fails when it changes a file

messages: .venv/dev ## Gather strings into the catalogues and compile them (needs gettext)
	$(BIN)/python .ci/catalogues.py update

bench: .venv/dev ## Measure pages of a large community
	@exec $(BIN)/python -m caisu.tests.bench

clean: ## Remove all that make and the tools made; the data in var stay
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# Packages are installed again when a requirements file is newer than the stamp of its last time.
.venv/run: requirements.txt | $(BIN)/python
	$(PIP) -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements.txt | $(BIN)/python
	$(PIP) -r requirements-dev.txt
	@touch $@ .venv/run

# Half an environment (Debian without python3-venv makes one) would pass for a whole one next time.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "CAISU needs Python 3.11 or newer; $(PYTHON) is not. Name another: make PYTHON=python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -m venv --clear .venv || { \
		rm -rf .venv; \
		echo "$(PYTHON) could not make a virtual environment. Debian: apt-get install python3-venv" >&2; \
		exit 1; }
