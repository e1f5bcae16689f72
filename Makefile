# Perkbook: `make run` shows what it does, `make test` proves it. Everything lives in .venv.
.DELETE_ON_ERROR:
.PHONY: run test soak check lock benchmarks help

# As many workers as there are processors; tests/workers.py says who takes what.
WORKERS = --numprocesses auto --dist loadfile

help:
	@echo 'make run    sets everything up, replays sample_data with rules/, prints the summary'
	@echo 'make test   sets everything up, runs every test but the long ones'
	@echo 'make soak   runs the long tests'
	@echo 'make check  ruff and mypy'
	@echo 'make benchmarks  measures it beside its peers: half an hour'

run: .venv/compiled
	@.venv/bin/perkbook replay rules --members sample_data/members.csv \
		--events sample_data/events.csv --out out/sample

test: .venv/compiled
	.venv/bin/python -m pytest -m 'not soak' $(WORKERS)

soak: .venv/compiled
	.venv/bin/python -m pytest -m soak

check: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

benchmarks: .venv/compiled .venv/benchmarks
	.venv/bin/python -m benchmarks.run

# The peers stand beside the locked packages, never in their place.
.venv/benchmarks: .venv/ready benchmarks/requirements.txt
	@.venv/bin/python -m pip install --quiet --no-deps --upgrade --target $@ \
		-r benchmarks/requirements.txt
	@touch $@

lock: .venv/ready
	UV_CUSTOM_COMPILE_COMMAND='make lock' .venv/bin/uv pip compile --quiet --universal \
		--generate-hashes --python-version 3.11 --group test pyproject.toml -o requirements.lock

.venv/ready: .ci/setup.sh requirements.lock pyproject.toml
	@PYTHON='$(PYTHON)' sh .ci/setup.sh
	@touch $@

.venv/compiled: .venv/ready $(wildcard engine/machine/*.py)
	@echo 'Compiling the machine, once: about a minute ...'
	@.venv/bin/perkbook prepare
	@touch $@
