# Prism. `make run` and `make test` work from a fresh clone; everything else is listed by `make help`.

VENV := .venv
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist worksteal
SETUP := packaging/setup.sh pyproject.toml $(wildcard packaging/linux/*)

.DEFAULT_GOAL := help
.PHONY: help setup run test e2e kernels test-app check format parity bench soak eval app lock strings clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## Make .venv with everything that the other targets need (once, and after a change of pyproject.toml)

$(VENV)/.ready: $(SETUP)
	packaging/setup.sh $(VENV) app,test,dev,peers,bundle
	@touch $@

run: setup ## Open the window on the bundled model; without a display, take its tour in the terminal
	$(VENV)/bin/prism

test: setup ## Run all tests, with the short end-to-end ones
	$(VENV)/bin/python -m pytest $(SIDE_BY_SIDE)

e2e: setup ## Drive the real window on a virtual screen (Linux); pictures of it go to build/e2e
	$(VENV)/bin/python -m pytest tests/e2e --full
	$(VENV)/bin/python -m pytest tests/unit/app --full -m full

kernels: setup ## Run the Metal kernels on the CPU, with all checks and planted faults (needs clang 19)
	$(VENV)/bin/python -m pytest tests/kernels --full

test-app: .venv-app/.ready ## Run the app's tests where nothing that computes is installed
	@.venv-app/bin/python -c 'import sys; from importlib.util import find_spec; \
		sys.exit(" ".join(n for n in ("mlx", "numpy", "PIL", "tokenizers") if find_spec(n)) or None)'
	.venv-app/bin/python -m pytest $(SIDE_BY_SIDE) tests/unit/app

.venv-app/.ready: $(SETUP)
	packaging/setup.sh .venv-app app,test --without-engine
	@touch $@

check: setup ## Lint, formatting, types and import contracts (under 30 seconds)
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/pyright --project pyproject.toml
	$(VENV)/bin/lint-imports --no-logo

strings: setup ## Write the table of all words anew, after a change of what the window says
	$(VENV)/bin/python packaging/word_table.py

format: setup ## Format the code and sort its imports
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --select I --fix

parity: .venv-parity/.ready ## Compare with transformers, live (makes .venv-parity with torch)
	.venv-parity/bin/python -m tests.parity.recompute
	.venv-parity/bin/python -m pytest -c /dev/null --rootdir . -p no:pytest-qt -q tests/parity/test_saved_by_transformers.py

.venv-parity/.ready: $(SETUP)
	packaging/setup.sh .venv-parity test,dev,peers,parity
	@touch $@

bench: setup ## Measure speed and memory beside mlx-lm and mlx-vlm
	$(VENV)/bin/python -m mlx_gemma4.bench

soak: setup ## Transcribe an hour, then find things in 200 pictures with urgent questions in between (by hand: many minutes)
	$(VENV)/bin/python -m tests.soak
	$(VENV)/bin/python -m tests.soak.overtaking

eval: setup ## Measure how well the tour model finds shapes in unseen pictures, and hears unseen words where it has learnt to
	PYTHONPATH=packaging:. $(VENV)/bin/python -m tour_model.evaluate
	PYTHONPATH=packaging:. $(VENV)/bin/python -m tour_model.speech.evaluate

app: setup ## Make Prism.app in build/bundle and check it (on Linux without launcher and Python)
	$(VENV)/bin/python packaging/make_app.py

lock: setup ## Write the list of wheels inside Prism.app anew, after a change of dependencies
	PYTHONPATH=packaging $(VENV)/bin/python -m bundle.lock

clean: ## Remove the environments and caches
	rm -rf .venv .venv-app .venv-parity build .pytest_cache .ruff_cache .hypothesis .import_linter_cache
