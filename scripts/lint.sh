#!/usr/bin/env bash
# Style, types and the import contract.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/ruff check --quiet
.venv/bin/ruff format --check --quiet
.venv/bin/mypy
.venv/bin/lint-imports --no-cache
