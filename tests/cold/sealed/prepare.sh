#!/bin/bash
# What is fetched or compiled on the builder's side: wheels for the image's interpreter, classes, a static program in Go.
set -e
pip download --quiet --disable-pip-version-check --python-version 3.13 --platform manylinux2014_x86_64 --platform manylinux_2_28_x86_64 --platform any \
  --only-binary=:all: -d wheels $(grep -v nuitka requirements.txt)
pip download --quiet --disable-pip-version-check --no-deps --no-binary nuitka -d wheels nuitka
mkdir classes
javac --release 17 -nowarn -d classes $(find programs/till -name '*.java')
printf 'Main-Class: till.Main\n' > manifest && (cd classes && jar --create --date=2024-01-01T00:00:00Z --file ../till.jar --manifest ../manifest till)
(cd programs/gauge && GOFLAGS=-mod=mod GOPROXY=off GOCACHE="$PWD/.cache" CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o ../../gauge.bin . && rm -rf .cache)
