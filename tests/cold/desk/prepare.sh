#!/bin/bash
# Wheels for the interpreter of the image, fetched here: the image never learns where from. `onnx` is for the stage that makes models.
set -e
pip wheel --quiet --disable-pip-version-check --no-deps -w wheels "django-haystack>=3.3"
pip download --quiet --find-links wheels --disable-pip-version-check --python-version 3.13 --platform manylinux2014_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_28_x86_64 --platform any --only-binary=:all: -d wheels -r requirements.txt onnx
