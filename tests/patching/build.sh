#!/usr/bin/env bash
# Build an image to be patched:  tests/patching/build.sh FOLDER TAG [extra docker build arguments]
# The build machine's own pip configuration and trust store are handed in as build secrets: neither stays in the image.
# What a folder's prepare.sh gets is the build context `fetched`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$here/$1 tag=$2
shift 2
secrets=$(mktemp -d)
trap 'rm -rf "$secrets"' EXIT
{ echo '[global]'; pip config list 2>/dev/null | sed -nE "s/^(global|:env:)\.(index-url|extra-index-url|trusted-host|default-timeout)='(.*)'$/\2 = \3/p" | sort -u; } > "$secrets/pip.conf"
more=()
if [ -x "$folder/prepare.sh" ]; then
  mkdir "$secrets/fetched"
  "$folder/prepare.sh" "$secrets/fetched"
  more=(--build-context fetched="$secrets/fetched")
fi
cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$secrets/ca.pem"
DOCKER_BUILDKIT=1 docker build --network host --progress plain --secret id=ca,src="$secrets/ca.pem" --secret id=pipconf,src="$secrets/pip.conf" -t "$tag" "${more[@]}" "$@" "$folder"
