#!/bin/sh
# build.sh TAG
set -eu
here=$(dirname "$0") work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
cp -r "$here/." "$work" && cp "$here/../office/office/server.py" "$work/office"   # the same service with other chains
"$here/../debian.sh" "$1" "$work"
