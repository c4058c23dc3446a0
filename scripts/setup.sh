#!/usr/bin/env bash
# Make the virtual environment .venv: what requirements/dev.txt pins, and careen itself from this checkout. Does nothing when it is up to date.
#   scripts/setup.sh [bare|light]
#     bare: make it with pip alone, where there is none
#     light: go on without careen's own programs where they cannot be compiled
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-}
stamp=.venv/.careen-setup
want=$({ cat requirements/dev.txt pyproject.toml hatch_build.py scripts/programs.py; find src/careen/sensor src/careen/engines -name "*.[ch]" -exec sha256sum {} + | sort; } | sha256sum)
have=$(cat "$stamp" 2>/dev/null || true)
if { [ "$have" = "$want" ] || { [ "$mode" = light ] && [ "${have%% light*}" = "$want" ]; }; } && .venv/bin/python -c 'import careen' 2>/dev/null; then
  exit 0
fi
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  python=$(scripts/find-python.sh) || { echo "setup: no Python from 3.11 on with venv and ensurepip: install python3-venv" >&2; exit 1; }
  rm -rf .venv
  "$python" -m venv .venv
fi
[ "$mode" != bare ] || exit 0
echo "setup: $(.venv/bin/python --version), .venv from requirements/dev.txt"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
for program in sensor hold; do
  problem=$(.venv/bin/python scripts/programs.py "$program" 2>&1 >/dev/null) && continue
  [ "$mode" = light ] || { echo "setup: $problem" >&2; exit 1; }
  echo "setup: $problem; going on without it, as the quick unit tests do not need it" >&2
  want="$want light"
  export CAREEN_WITHOUT_PROGRAMS=1
done
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
# The first command would compile it all, and where byte code is not to be written, each command.
.venv/bin/python -m compileall -q src/careen
echo "$want" >"$stamp"
