.DEFAULT_GOAL := help
.PHONY: help demo test unit docs cold bases lint bench wheel image release lock clean

help: ## Show what there is to make
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## Build a small AI image, harden it without docker, show the result (root)
	@scripts/demo.sh

test: ## Install what is missing, then all linters and all tests
	@scripts/test.sh

unit: ## The quick half of the unit tests: no root, no docker, no compiler, under a minute
	@scripts/setup.sh light
	@.venv/bin/python -m pytest --numprocesses auto --dist loadfile --quiet -m "not slow" tests/unit

docs: ## Write the pages and schemas that are generated from the code
	@scripts/setup.sh light
	@.venv/bin/python -m tests.support.pages

cold: ## Harden the images of tests/cold, then ask of them what no profile showed (docker, package registries; long)
	@scripts/setup.sh
	@.venv/bin/python -m tests.cold

bases: ## Build the Dockerfiles of tests/bases on bases of the catalog (root, docker, package registries; long)
	@scripts/setup.sh
	@.venv/bin/python -m tests.bases --build

lint: ## ruff, mypy, import contract
	@scripts/setup.sh light
	@scripts/lint.sh

bench: ## Measure careen on this machine; the figures go to build/bench
	@scripts/setup.sh
	@.venv/bin/python -m bench

wheel: ## Install what is missing, then build the wheel, with the compiled sensor, into dist/
	@scripts/install-needs.sh wheel
	@scripts/setup.sh
	@.venv/bin/python -m build --wheel --no-isolation

image: ## Build careen's own image from Debian's packages and harden it by careen, into dist/image/ (root)
	@scripts/image.sh

release: ## Make a release in dist/release/, signed with KEY if one is named: make release VERSION=0.2.0 (root)
	@scripts/release.sh "$(VERSION)" $(if $(KEY),"$(KEY)")

lock: ## Pin what development and the demo install, with hashes (needs uv)
	@scripts/lock.sh

clean: ## Remove what was built, the virtual environment included
	rm -rf .venv build dist demo/.build careen-out .coverage coverage.xml .mypy_cache .ruff_cache .pytest_cache .hypothesis src/careen/sensor/bin src/careen/engines/bin src/careen/policy/bin
	find src tests bench demo -name __pycache__ -prune -exec rm -rf {} +
