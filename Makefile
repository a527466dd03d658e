# `make up` starts Homarus, `make test` tests it; both set up what they need.
SHELL := /bin/sh
BIN := .venv/bin
ARGS ?=
SEEDS ?= 100000
.PHONY: help up test test-live check fix bench bench-gateway bench-console console screenshots sim docs wheel

help: ## show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1  \2/p' $(MAKEFILE_LIST)

up: ## start Homarus and talk to your first bot (ARGS=--once: stop after its reply)
	@scripts/setup.sh runtime
	@scripts/console.sh || echo "the console could not be built; the command line does without it" >&2
	@$(BIN)/homarus up $(ARGS)

test: dev console ## all tests but the slow live lanes
	@scripts/debian.sh bubblewrap chromium fonts-dejavu-core || true
	$(BIN)/python -m pytest -m "not live" -n 2 --dist loadfile $(ARGS)

test-live: dev ## the slow lanes on real runtimes
	@scripts/debian.sh bubblewrap || true
	$(BIN)/python -m pytest -m live -v $(ARGS)

check: dev ## everything that can be checked without running it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python scripts/check_house.py
	$(BIN)/python scripts/gen_docs.py --check
	scripts/check_console.sh

fix: dev ## format, and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	scripts/check_console.sh fix

docs: dev ## write the generated pages anew
	$(BIN)/python scripts/gen_docs.py
	scripts/check_console.sh types

console: dev ## build the console into the package
	@scripts/console.sh

sim: dev ## the reconciler under SEEDS seeded fault schedules
	SIM_SEEDS=$(SEEDS) $(BIN)/python -m pytest tests/simulation -q --timeout 0

bench: bench-gateway bench-console ## every figure the README quotes

bench-gateway: dev ## the AI gateway beside nginx
	@scripts/debian.sh nginx-light wrk
	$(BIN)/python bench/gateway.py

bench-console: dev console ## how the console feels: Lighthouse, script size, scrolling
	@scripts/debian.sh chromium fonts-dejavu-core
	@scripts/npm_ci.sh bench/lighthouse
	$(BIN)/python bench/console.py

screenshots: dev console ## take the pictures of the console anew
	@scripts/debian.sh chromium fonts-dejavu-core
	$(BIN)/python scripts/screenshots.py

wheel: dev console ## build the wheel into dist/
	$(BIN)/uv build --wheel --no-build-isolation --python $(BIN)/python

.PHONY: dev
dev:
	@scripts/setup.sh dev
