# Prism. `make run` and `make test` work from a fresh clone; everything else is listed by `make help`.

VENV := .venv
SETUP := packaging/setup.sh pyproject.toml $(wildcard packaging/linux/*)

.DEFAULT_GOAL := help
.PHONY: help setup run test check format parity bench eval clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## Make .venv with everything that the other targets need (once, and after a change of pyproject.toml)

$(VENV)/.ready: $(SETUP)
	packaging/setup.sh $(VENV) dev,peers
	@touch $@

run: setup ## Take the tour: find shapes in the bundled pictures with the bundled model
	$(VENV)/bin/prism

test: setup ## Run all tests
	$(VENV)/bin/python -m pytest

check: setup ## Lint, formatting, types and import contracts (under 30 seconds)
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/pyright --project pyproject.toml
	$(VENV)/bin/lint-imports --no-logo

format: setup ## Format the code and sort its imports
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --select I --fix

parity: .venv-parity/.ready ## Compare with transformers, live (makes .venv-parity with torch)
	.venv-parity/bin/python -m tests.parity.recompute

.venv-parity/.ready: $(SETUP)
	packaging/setup.sh .venv-parity dev,peers,parity
	@touch $@

bench: setup ## Measure speed and memory beside mlx-lm and mlx-vlm
	$(VENV)/bin/python -m mlx_gemma4.bench

eval: setup ## Measure how well the tour model finds shapes in unseen pictures
	$(VENV)/bin/python packaging/tour_model/evaluate.py

clean: ## Remove the environments and caches
	rm -rf .venv .venv-parity .pytest_cache .ruff_cache .hypothesis .import_linter_cache
