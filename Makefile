# Everything a developer and CI need. `make` alone says what there is.

PYTHON_VENV := .venv/bin/python

.PHONY: help venv dev demo test lint types docs docs-check bundle-check wheel-check check lock clean

help:
	@echo "make demo          run the demonstration (makes .venv itself)"
	@echo "make test          all tests (makes .venv itself)"
	@echo "make lint types    ruff, mypy"
	@echo "make docs          write the schema bundle and reference pages that follow from the code"
	@echo "make bundle-check  build the guest bundles again and compare (needs Node.js)"
	@echo "make wheel-check   build the wheel, install it in a clean environment, use it"
	@echo "make check         all of it, as CI does"
	@echo "make lock          pin the dependencies again (needs uv)"

venv:
	@scripts/venv.sh run

dev:
	@scripts/venv.sh dev

demo: venv
	@$(PYTHON_VENV) examples/demo/run.py

# PYTEST_ARGS=-x … narrows it.
test: dev
	@scripts/chromium.sh
	.venv/bin/pytest -n auto $(PYTEST_ARGS)

lint: dev
	.venv/bin/ruff check .

types: dev
	scripts/typecheck.sh

docs: dev
	$(PYTHON_VENV) scripts/generate.py

docs-check: dev
	$(PYTHON_VENV) scripts/generate.py --check

bundle-check:
	scripts/bundle_check.sh

wheel-check: dev
	scripts/wheel_check.sh

check:
	.ci/run

lock:
	scripts/lock.sh

clean:
	rm -rf .venv .typecheck build dist-wheel *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
