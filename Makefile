# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test slow coverage lint wheel torture mutation bench docs screenshots record clean

# The main job on the embedded sandbox with the offline planner: no key, no account.
demo: $(VENV)/.core
	@$(BIN)/python benchmarks/demo.py

# Journals are written to disk at every step: in memory, where there is room for it, the tests wait for no disk.
# Some tests start `psa` itself, over and over: with the bytecode kept, whatever the shell says, it starts sooner.
test: $(VENV)/.dev
	PYTHONDONTWRITEBYTECODE= $(if $(wildcard /dev/shm/.),PYTEST_DEBUG_TEMPROOT=/dev/shm )$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not torture and not slow"

# The rest of the suite: in a browser (Debian: apt-get install chromium), with programs of their own, many examples.
slow: $(VENV)/.dev
	PYTHONDONTWRITEBYTECODE= $(if $(wildcard /dev/shm/.),PYTEST_DEBUG_TEMPROOT=/dev/shm )$(BIN)/python -m pytest -n 2 --dist loadgroup -m "slow and not torture"

# Every branch of the policy has a test of its own. Tests that measure time are left out: measuring makes them slow.
coverage: $(VENV)/.dev
	$(BIN)/python -m coverage run -m pytest tests/policy -m "not torture" -k "not hostile"
	$(BIN)/python -m coverage report

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy agent tests

# The wheel, installed in an environment of its own and run in an empty folder.
wheel: $(VENV)/.dev
	rm -rf dist $(VENV)/wheel
	$(BIN)/python -m build --wheel --outdir dist . >/dev/null
	$(PYTHON) -m venv $(VENV)/wheel
	$(VENV)/wheel/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt dist/*.whl
	mkdir -p $(VENV)/wheel/home
	cd $(VENV)/wheel/home && PSA_HOME=. ../bin/psa run 'Draft "We open at nine on Saturday." for LinkedIn and X' --json | ../bin/python -c 'import json, sys; told = json.load(sys.stdin); assert told["outcome"] == "done" and len(told["effects"]) == 1, told'
	cd $(VENV)/wheel/home && ../bin/python -c 'from agent.web.app import static; from agent.web.site import HERE; static("base.css"); assert (HERE / "templates/base.html").is_file()'
	cd $(VENV)/wheel/home && ../bin/psa init && ../bin/psa policy list >/dev/null && PSA_HOME=. ../bin/psa doctor >/dev/null

# Under an hour on two cores. A third worker, because one test spends twenty minutes of real time waiting.
torture: $(VENV)/.dev
	$(if $(wildcard /dev/shm/.),PYTEST_DEBUG_TEMPROOT=/dev/shm )$(BIN)/python -m pytest -n 3 --dist worksteal -m torture --timeout 3600

# Every negated condition of the gate and the policy engine has to make a test fail. By hand.
mutation: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'cosmic-ray>=8.7,<9'
	$(BIN)/python benchmarks/mutation.py

# The figures of docs/BENCHMARKS.md.
bench: $(VENV)/.dev
	$(BIN)/python benchmarks/bench.py

# Generated pages: the rule list, the endpoint table, the report's schema.
docs: $(VENV)/.dev
	$(BIN)/python -m agent.docs

# Pictures of every page, both themes, on a desk and a telephone, into docs/screenshots.
screenshots: $(VENV)/.dev
	$(BIN)/python -m tests.web.screenshots

# Cassettes: from `psa sandbox` and the offline planner over HTTP, or from the real ones where their keys are set.
record: $(VENV)/.dev
	$(BIN)/python tests/cassettes/record.py

$(VENV)/.venv:
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.core: $(VENV)/.venv pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.venv pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.core

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis
