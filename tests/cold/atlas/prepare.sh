#!/bin/bash
# Wheels for the interpreter of the image, fetched here: the image never learns where from. Two have no wheel, so it is made.
set -e
for name in pyramid-chameleon docopt; do pip wheel --quiet --disable-pip-version-check --no-deps -w wheels "$name"; done
pip download --quiet --disable-pip-version-check --python-version 3.13 --platform manylinux2014_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_28_x86_64 --platform any --only-binary=:all: --find-links wheels -d wheels -r requirements.txt setuptools legacy-cgi  # pip takes the markers of the interpreter that runs it
