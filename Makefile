# Every command of the repository. Set-up steps leave a stamp, so that a second run costs nothing.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
UV := .uv/bin/uv
LOCK := --quiet --generate-hashes --no-annotate --no-emit-find-links --no-emit-index-url --custom-compile-command 'make lock'

help: ## this list
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

up: .venv/.ready console/dist/.ready snippet/dist/.ready ## the whole system in the foreground, with demo tenants; Ctrl-C stops it
	@exec $(PY) -m services up

test: .venv/.ready node_modules/.ready console/dist/.ready snippet/dist/.ready browser ## all tests; ARGS=tests/unit for some
	@$(PY) -m pytest $(or $(ARGS),-n 2 --dist loadscope --no-loadscope-reorder)

check: .venv/.ready node_modules/.ready ## what CI runs: format, lint, types, architecture, contracts, tests, one chaos seed
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	cd proto && ../.venv/bin/buf lint
	$(PY) -m pytest tests/structure
	@$(MAKE) --no-print-directory test
	$(PY) -m bench.chaos --short

proto: .venv/.ready ## generate proto/gen from proto/contracts
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) tools/proto.py

console: console/dist/.ready ## build the pages that the gateway serves

snippet: snippet/dist/.ready ## build the browser snippet that the gateway serves

console-types: .venv/.ready node_modules/.ready ## types of the open API as it is now, for editors
	@mkdir -p console/dist && $(PY) tools/openapi.py console/dist/openapi.json
	@node_modules/.bin/openapi-typescript console/dist/openapi.json --default-non-nullable=false -o console/src/api/schema.d.ts

screenshots: .venv/.ready browser ## a picture of every page of a running system, into its data folder
	@$(PY) tools/screenshots.py $(ARGS)

bench: .venv/.ready node_modules/.ready ## all figures, appended to bench/RESULTS.md
	$(PY) -m bench --record $(ARGS)

bench-%: .venv/.ready node_modules/.ready ## the figures of one subject
	$(PY) -m bench $* --record $(ARGS)

bench-chaos: .venv/.ready ## what chaos counts, recorded
	$(PY) -m bench.chaos --record $(ARGS)

chaos: .venv/.ready ## kill -9 of random parts under load: nothing lost, nothing counted twice
	$(PY) -m bench.chaos $(ARGS)
	$(PY) -m bench.chaos --control --short

backup: .venv/.ready ## copy a running or stopped installation: make backup BACKUP=folder
	@exec $(PY) -m services backup "$(BACKUP)"

restore: .venv/.ready ## a new installation from a backup: make restore BACKUP=folder/date NEXUS_DATA=var2
	@NEXUS_DATA="$(or $(NEXUS_DATA),var)" exec $(PY) -m services restore "$(BACKUP)" $(if $(ERASURES),"$(ERASURES)")

fmt: .venv/.ready ## format and sort imports
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lock: $(UV) ## pin what pyproject.toml and package.json ask for, with hashes
	$(UV) pip compile $(LOCK) --universal pyproject.toml --group engines --group dev -o requirements.lock
	$(UV) pip compile $(LOCK) --universal tools/uv.in -o tools/uv.txt
	npm install --package-lock-only

$(UV): tools/uv.txt
	@echo "setting up the installer (once)"
	@python=$$(tools/python.sh) && $$python -m venv .uv || { rm -rf .uv; exit 1; }
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/uv.txt
	@touch $@

# Links, not copies, into the installer's cache: a second checkout costs no disk.
.venv/.ready: requirements.lock | $(UV)
	@echo "installing the locked Python packages (about 700 MB, once)"
	@test -x $(PY) || $(UV) venv --quiet --python "$$(tools/python.sh)" .venv
	@$(UV) pip sync --require-hashes --python $(PY) requirements.lock
	@$(PY) tools/checkout.py
	@touch $@

node_modules/.ready: package.json package-lock.json
	@tools/node.sh
	@echo "installing the locked JavaScript packages"
	@npm ci && mkdir -p node_modules
	@touch $@

console/dist/.ready: node_modules/.ready $(shell find console -type f -not -path 'console/dist/*' -not -path 'console/tests/*' -not -name 'schema.d.ts')
	@echo "building the console"
	@node_modules/.bin/vite build console --logLevel warn
	@node console/budget.mjs
	@touch $@

snippet/dist/.ready: node_modules/.ready $(shell find snippet -type f -not -path 'snippet/dist/*' -not -name '*.md')
	@node snippet/build.mjs
	@touch $@

browser:
	@tools/browser.sh

.PHONY: help up test backup restore check proto console snippet console-types screenshots bench bench-chaos chaos fmt lock browser
