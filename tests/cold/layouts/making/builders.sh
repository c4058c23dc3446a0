#!/bin/sh
# What builds the others; none of it stays.
set -ex
python3 -m venv /build/env
/build/env/bin/pip install 'setuptools<80' wheel hatchling cython pyinstaller cx-freeze shiv pex uv pipx virtualenv
cp /build/env/bin/uv /usr/local/bin/uv
python3 -m venv /build/nuitka
/build/nuitka/bin/pip install nuitka tabulate
