#!/usr/bin/env bash
# Print a Python from 3.11 on that can make virtual environments ($PYTHON is tried first); exit 1 when there is none.
set -euo pipefail
for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
  if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    command -v "$name"
    exit 0
  fi
done
exit 1
