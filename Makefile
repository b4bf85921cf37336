# On a machine that has Python 3.11 or later, and nothing else of ours:
#
#   make run                      the demo
#   make run APP=shop.main:app    your app
#   make test                     everything that can be checked
#   make lint                     style, types and import contracts only
#   make pictures                 the window in all its states, to be looked at: pictures/index.html
#   make bench                    requests per second, beside uvicorn's
#   make fuzz                     a minute of nearly right bytes on the engine's port (SECONDS=60 SEED=1)
#   make clean                    away with all that these made

APP ?= demo

.PHONY: run test lint pictures bench clean

run: .venv/.checked
	@.venv/bin/python -m inspector $(APP)

test: .venv/.test-ready
	@.ci/test

lint: .venv/.test-ready
	@.ci/test lint

pictures: .venv/.test-ready
	@.venv/bin/python -m tests.support.pictures pictures

bench: .venv/.test-ready
	@.venv/bin/python -m tests.benchmarks

fuzz: .venv/.test-ready
	@.venv/bin/python -m tests.fuzz

clean:
	rm -rf .venv .venv-3.* .venv-bench build dist pictures .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find inspector resources tests -name __pycache__ -prune -exec rm -rf {} +

.venv/.ready: pyproject.toml
	@.ci/environment
	@touch $@

.venv/.test-ready: pyproject.toml
	@.ci/environment test
	@touch $@ .venv/.ready

# Names the system libraries that Qt misses here, and installs them where we may; asks again until nothing is missing.
.venv/.checked: .venv/.ready
	@.venv/bin/python -m inspector doctor --mend && touch $@ || true
