#!/bin/bash
# Wheels for the interpreter of the image, fetched here: the image never learns where from.
set -e
pip download --quiet --disable-pip-version-check --python-version 3.13 --platform manylinux2014_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_28_x86_64 \
  --platform manylinux_2_31_x86_64 --platform any --only-binary=:all: -d wheels -r requirements.txt
pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: -d wheels 'hydra-core>=1.3' 'omegaconf>=2.3,<2.4'
SOURCE_DATE_EPOCH=315532800 pip wheel --quiet --disable-pip-version-check --no-deps -w wheels 'antlr4-python3-runtime==4.9.3'
pip download --quiet --disable-pip-version-check --no-deps --no-binary nuitka -d wheels nuitka
