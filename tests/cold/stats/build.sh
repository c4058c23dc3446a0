#!/bin/sh
# build.sh TAG
exec "$(dirname "$0")/../debian.sh" "$1" "$(dirname "$0")"
