#!/usr/bin/env bash
# Pin every distribution that careen, its development and the demo's image install, with hashes and without any index address.
# Extras stay in the names: pip before 24 takes `coverage[toml]` for another requirement than `coverage`.
# Needs `uv` on PATH (or in $UV); run it after a change of pyproject.toml or demo/requirements.in.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() {
  "${UV:-uv}" pip compile "$@" --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate --no-strip-extras --quiet
}

lock pyproject.toml --output-file requirements/run.txt
lock pyproject.toml --extra dev --output-file requirements/dev.txt
lock demo/requirements.in --output-file demo/requirements.txt
