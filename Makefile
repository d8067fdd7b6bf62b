# Each target creates what it needs; a fresh clone needs Python 3.11 or newer and make.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
PIP := -m pip install --quiet --disable-pip-version-check

.PHONY: release draft version demo docs test unit test-newest test-lowest long fuzz mutants coverage check check-speed generate lock bench bench-quick bench-goals pictures format clean

demo: .venv/demo.stamp ## the main job from end to end, in a scratch folder
	$(BIN)/mailwright demo

docs: .venv/dev.stamp ## the documentation as a site in site/, to be read without a server or a network
	$(BIN)/python docs/site.py

test: .venv/dev.stamp .venv-release/release.stamp ## every test that this machine can run
	$(BIN)/python -m pytest

unit: .venv/dev.stamp ## the unit tests, on every processor: to be run always
	$(BIN)/python -m pytest -q -n auto --dist loadfile tests/unit

# The same tests with other releases of what mailwright builds on. TESTS=tests/unit takes fewer of them.
test-newest: .venv-newest/bin/python ## the newest that the ranges in pyproject.toml allow
	.venv-newest/bin/python $(PIP) --upgrade --upgrade-strategy eager --editable '.[test]'
	.venv-newest/bin/python -m pytest $(or $(TESTS),tests/unit tests/acceptance)

test-lowest: .venv-lowest/lowest.stamp ## the lowest that they allow
	.venv-lowest/bin/python -m pytest $(or $(TESTS),tests/unit tests/acceptance)

long: .venv/dev.stamp ## the slow ones: generated merges, texts, senders and specs by the thousand, killed merges and applies by the hundred
	MAILWRIGHT_EXAMPLES=20000 HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n auto -o timeout=7200 \
		tests/unit/test_merge_properties.py tests/unit/test_post_render_properties.py tests/unit/test_encoding.py tests/unit/test_importing.py
	MAILWRIGHT_DOCUMENTS=50000 $(BIN)/python -m pytest -n auto tests/unit/test_predicates.py -o timeout=7200
	MAILWRIGHT_WORDS=all $(BIN)/python -m pytest tests/integration/test_hostile_words.py -o timeout=3600
	MAILWRIGHT_PARITY=5000 $(BIN)/python -m pytest tests/integration/test_javamail_parity.py -o timeout=3600
	MAILWRIGHT_KILLS=1000 MAILWRIGHT_RACES=1000 $(BIN)/python -m pytest -n auto -o timeout=3600 \
		tests/acceptance/test_killed_merges.py tests/acceptance/test_two_writers.py
	MAILWRIGHT_TENANTS=10000 $(BIN)/python -m pytest tests/acceptance/test_tenants_memory.py -o timeout=3600
	MAILWRIGHT_ROLE_CUTS=all $(BIN)/python -m pytest tests/ansible/test_role_killed.py -o timeout=7200
	MAILWRIGHT_EXAMPLES=200 $(BIN)/python -m pytest tests/integration/test_tenants_property.py -o timeout=3600
	MAILWRIGHT_TENANT_KILLS=20 $(BIN)/python -m pytest tests/integration/test_tenants_killed.py -o timeout=3600

fuzz: .venv/dev.stamp ## the handshake's parser and machine under atheris, FUZZ_SECONDS=300 long
	$(BIN)/python tests/fuzz/handshake.py -max_total_time=$(or $(FUZZ_SECONDS),300)

mutants: .venv/dev.stamp ## how many mutations of the code that decides the unit tests notice; ONLY='rules/client.py rendering/*' for some of it, FEW=2 for two in ten, TESTS=... for these tests alone
	$(BIN)/python tests/mutation/run.py $(ONLY)

coverage: .venv/dev.stamp ## branches of the tenants' code that unit tests take; 85 % are asked for
	$(BIN)/coverage run --branch --source=generator/mailwright/tenants -m pytest -q tests/unit/test_tenants_*.py tests/unit/test_plan_senders.py tests/unit/test_policy.py \
		tests/unit/test_apply_preparing.py
	$(BIN)/coverage report --fail-under=85

check: .venv/dev.stamp ## style, types, who may import whom, stale generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m mailwright.generate --check

check-speed: .venv/dev.stamp ## what commands cost in instructions (valgrind): a quarter more than benchmarks/instructions.json says fails
	$(BIN)/python benchmarks/instructions.py

generate: .venv/demo.stamp ## the committed files that are made from others: from schema/, docs/rules/, the code
	$(BIN)/python -m mailwright.generate

COMPILE = .venv-lock/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	--custom-compile-command 'make lock'
PACKAGE = pyproject.toml requirements/build.in

release: .venv-release/release.stamp ## VERSION=1.2.3: every file of that release in dist/, as the release workflow builds it
	.venv-release/bin/python tools/release build $(VERSION)
	.venv-release/bin/python tools/release judge $(VERSION)

draft: .venv-release/release.stamp ## every file of a release, as this commit would make them, in dist/
	.venv-release/bin/python tools/release build --draft

version: .venv-release/release.stamp .venv/demo.stamp ## VERSION=1.2.3: the version where it stands, the day in the changelogs
	.venv-release/bin/python tools/release version $(VERSION)
	$(BIN)/python -m mailwright.generate

lock: .venv-lock/bin/uv ## requirements/*.txt anew: the newest of today, and the lowest, for every Python and platform
	$(COMPILE) $(PACKAGE) --extra lint -o requirements/dev.txt
	$(COMPILE) $(PACKAGE) --extra demo -c requirements/dev.txt -o requirements/demo.txt
	$(COMPILE) $(PACKAGE) --extra test --resolution lowest-direct -o requirements/lowest.txt
	$(COMPILE) pyproject.toml --extra tenants --extra verify -c requirements/dev.txt -o requirements/runtime.txt
	$(COMPILE) requirements/release.in -o requirements/release.txt
	$(COMPILE) requirements/ansible-oldest.in -o requirements/ansible-oldest.txt

pictures: .venv/dev.stamp ## the pictures in docs/pictures: of real commands on a terminal, of real pages in Chromium
	mkdir -p docs/pictures
	PYTHONPATH=tests:tests/acceptance $(BIN)/python tests/acceptance/pictures.py docs/pictures/terminal.svg
	MAILWRIGHT_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/integration/test_report_in_a_browser.py -k pictures

bench: .venv/dev.stamp ## the figures in benchmarks/README.md
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/big.py
	$(BIN)/python benchmarks/reports.py
	$(BIN)/python benchmarks/tenants.py
	$(BIN)/python benchmarks/status.py
	$(BIN)/python benchmarks/render.py
	$(BIN)/python benchmarks/tenants_api.py
	$(BIN)/python benchmarks/verify.py
	$(BIN)/python benchmarks/validate.py
	$(BIN)/python benchmarks/ansible.py
	$(BIN)/python benchmarks/tutorial.py

bench-quick: .venv/dev.stamp ## the figures that have a goal, beside their peers, in a few minutes; `bench-goals` takes three whole runs
	$(BIN)/python benchmarks/goals.py --quick

bench-goals: .venv/dev.stamp
	$(BIN)/python benchmarks/goals.py

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .venv-newest .venv-lowest .venv-lock .venv-release .mutants .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist

$(addsuffix /bin/python,.venv .venv-newest .venv-lowest .venv-lock .venv-release): %/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $*

.venv-lock/bin/uv: | .venv-lock/bin/python
	.venv-lock/bin/python $(PIP) uv

# What is installed is what the lock says, to the byte: pip resolves nothing, `pip check` says where that is not what pyproject.toml asks for.
define install
	$(@D)/bin/python $(PIP) --require-hashes --no-deps --requirement $(filter requirements/%,$^)
	$(@D)/bin/python $(PIP) --no-deps --no-build-isolation --editable .
	$(@D)/bin/python -m pip check
	@touch $@
endef

.venv/%.stamp: requirements/%.txt pyproject.toml | .venv/bin/python
	$(install)

.venv-lowest/%.stamp: requirements/%.txt pyproject.toml | .venv-lowest/bin/python
	$(install)

.venv-release/release.stamp: requirements/release.txt | .venv-release/bin/python
	$(@D)/bin/python $(PIP) --require-hashes --requirement $<
	@touch $@
