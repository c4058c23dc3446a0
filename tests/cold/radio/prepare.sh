#!/bin/bash
# Wheels for the interpreter of the image, fetched here: the image never learns where from.
set -e
pip download --quiet --disable-pip-version-check --python-version 3.13 --platform manylinux2014_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_28_x86_64 --platform any --only-binary=:all: -d wheels -r requirements.txt setuptools
