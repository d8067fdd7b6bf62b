# Each target creates what it needs; a fresh clone needs Python 3.11 or newer and make.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin

.PHONY: demo test long fuzz check generate bench format clean

demo: .venv/demo.stamp ## the main job from end to end, in a scratch folder
	$(BIN)/mailwright demo

test: .venv/test.stamp ## every test that this machine can run
	$(BIN)/python -m pytest

long: .venv/test.stamp ## the slow ones: generated merges, texts, senders and specs by the thousand, killed merges and applies by the hundred
	MAILWRIGHT_EXAMPLES=20000 $(BIN)/python -m pytest tests/unit/test_merge_properties.py -o timeout=3600
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest tests/unit/test_encoding.py tests/unit/test_importing.py -o timeout=3600
	MAILWRIGHT_PARITY=5000 $(BIN)/python -m pytest tests/integration/test_javamail_parity.py -o timeout=3600
	MAILWRIGHT_KILLS=500 $(BIN)/python -m pytest tests/acceptance/test_killed_merges.py
	MAILWRIGHT_EXAMPLES=200 $(BIN)/python -m pytest tests/integration/test_tenants_property.py -o timeout=3600
	MAILWRIGHT_TENANT_KILLS=20 $(BIN)/python -m pytest tests/integration/test_tenants_killed.py -o timeout=3600

fuzz: .venv/test.stamp ## the handshake's parser and machine under atheris, FUZZ_SECONDS=300 long
	$(BIN)/python tests/fuzz/handshake.py -max_total_time=$(or $(FUZZ_SECONDS),300)

check: .venv/lint.stamp ## style, types, stale generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mailwright.generate --check

generate: .venv/demo.stamp ## the committed files that are made from the adapter schema
	$(BIN)/python -m mailwright.generate

bench: .venv/test.stamp ## the figures in benchmarks/README.md
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/tenants.py
	$(BIN)/python benchmarks/render.py
	$(BIN)/python benchmarks/tenants_api.py
	$(BIN)/python benchmarks/verify.py
	$(BIN)/python benchmarks/validate.py
	$(BIN)/python benchmarks/ansible.py

format: .venv/lint.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/%.stamp: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@
