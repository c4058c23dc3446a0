#!/usr/bin/env bash
# All checks on a checkout: install what is missing, linters, types, import contract, tests with line coverage.
# As root everything must be there and no test may be skipped for want of a tool when CI=true. Without root the tests that need it are skipped, and say so.
#   scripts/test.sh [PYTEST ARGUMENTS]
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" = 0 ]; then
  scripts/install-needs.sh test
  scripts/install-trivy.sh
  trap 'scripts/start-docker.sh stop' EXIT
  scripts/start-docker.sh start
  scripts/build-workloads.sh
else
  echo "test: not root: what needs root, docker or BPF is skipped"
fi
export PATH="$PWD/build/tools:$PATH"
# Byte code is kept whatever the environment says: hundreds of tests start careen, and compiling it takes most of each start.
unset PYTHONDONTWRITEBYTECODE
scripts/setup.sh
scripts/lint.sh
# sys.monitoring counts lines at almost no cost; the tracer that Python 3.11 needs makes the suite twice as long.
if .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))'; then export COVERAGE_CORE=sysmon; fi
# One worker more than there are processors: an eighth of the time is waiting for containers.
.venv/bin/python -m pytest --numprocesses "$(($(nproc) + 1))" --dist loadfile --cov --cov-report=term:skip-covered --durations=25 "$@"
