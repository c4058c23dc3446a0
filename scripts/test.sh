#!/usr/bin/env bash
# All checks on a checkout: install what is missing, linters, types, import contract, tests (with line coverage, but for CI=true).
# As root everything must be there and no test may be skipped for want of a tool when CI=true. Without root the tests that need it are skipped, and say so.
#   scripts/test.sh [PYTEST ARGUMENTS]
set -euo pipefail
cd "$(dirname "$0")/.."

# Byte code is kept whatever the environment says: hundreds of tests start careen, and compiling it takes most of each start.
unset PYTHONDONTWRITEBYTECODE
root() { [ "$(id -u)" = 0 ]; }
if root; then
  scripts/install-needs.sh wheel
else
  echo "test: not root: what needs root, docker or BPF is skipped"
fi
scripts/setup.sh
# The linters take one processor for a minute; what is fetched and built meanwhile is mostly waited for. They get a process group (-m), by which all are ended.
set -m
mkdir -p build
scripts/lint.sh >build/lint.log 2>&1 &
lint=$!
# Test files are compiled here once; otherwise each worker compiles all of them for itself.
.venv/bin/python -m pytest --collect-only --quiet "$@" >/dev/null 2>&1 &
collection=$!
set +m
trap 'kill -- "-$lint" "-$collection" 2>/dev/null || true' EXIT
if root; then
  scripts/install-needs.sh test
  scripts/install-trivy.sh
  scripts/install-ci-tools.sh
  trap 'kill -- "-$lint" "-$collection" 2>/dev/null || true; scripts/start-docker.sh stop' EXIT
  scripts/start-docker.sh start
  scripts/build-workloads.sh
fi
wait "$lint" || { cat build/lint.log >&2; exit 1; }
wait "$collection" || true      # what is wrong with it, the run of the tests says
if root; then trap 'scripts/start-docker.sh stop' EXIT; else trap - EXIT; fi
export PATH="$PWD/build/tools:$PATH"
# sys.monitoring counts lines at almost no cost; the tracer that Python 3.11 needs makes the suite twice as long.
if .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))'; then export COVERAGE_CORE=sysmon; fi
# Coverage is for whoever reads the table: working it out takes most of a minute, and CI compares it with nothing.
coverage=(--cov --cov-report=term:skip-covered)
# The tests that need no container reach 89 % of the lines; part of the tests has no floor.
[ "$#" -gt 0 ] || coverage+=(--cov-fail-under=88)
[ "${CI:-}" != true ] || coverage=()
# Two workers more than there are processors: much of the time is waiting for containers. tests/support/order.py has the order of the files.
.venv/bin/python -m pytest --numprocesses "$(($(nproc) + 2))" --dist loadfile --no-loadscope-reorder "${coverage[@]}" --durations=25 "$@"
