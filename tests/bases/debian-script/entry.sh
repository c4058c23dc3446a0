#!/bin/sh
set -e
echo "$GREETING" "$@" "$(. /etc/os-release && echo "$ID $VERSION_ID")"
