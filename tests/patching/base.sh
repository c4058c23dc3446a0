#!/usr/bin/env bash
# Build the Debian base of a stale image:  tests/patching/base.sh SUITE TAG [PACKAGE …]
# Packages come from the main suite alone: point releases are in it, the security updates since are not. The mirror is this machine's own (or DEBIAN_MIRROR).
# Needs root, mmdebstrap and a docker daemon.
set -euo pipefail
suite=$1 tag=$2
shift 2
mirror=${DEBIAN_MIRROR:-$(grep -hoP '^URIs:\s*\K\S+/debian(?=/?$)' /etc/apt/sources.list.d/*.sources | head -n1)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mmdebstrap --quiet --variant=minbase \
  --include=ca-certificates,curl,netbase,openjdk-17-jre-headless,procps,python3-venv,tzdata"$(printf ',%s' "$@" | sed 's/,$//')" \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Check-Date "false"' \
  --customize-hook='rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin' \
  "$suite" "$work/base.tar" "deb $mirror $suite main"
docker import --change 'ENV LANG=C.UTF-8' --change 'CMD ["sh"]' "$work/base.tar" "$tag"
