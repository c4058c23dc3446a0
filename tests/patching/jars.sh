#!/usr/bin/env bash
# Get the jars of Debian packages as Debian's own Maven repository has them:  tests/patching/jars.sh SUITE DIRECTORY PACKAGE…
# Nothing is installed here: the packages are fetched from the main suite and unpacked. The mirror is this machine's own (or DEBIAN_MIRROR). Needs apt and dpkg-deb.
set -euo pipefail
suite=$1 out=$(realpath -m "$2")
shift 2
mirror=${DEBIAN_MIRROR:-$(grep -hoP '^URIs:\s*\K\S+/debian(?=/?$)' /etc/apt/sources.list.d/*.sources | head -n1)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work"/{lists/partial,cache/archives/partial,debs,files} "$out"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.pgp] $mirror $suite main" > "$work/sources.list"
touch "$work/status"
options=(-qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache"
  -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none)
apt-get "${options[@]}" update
(cd "$work/debs" && apt-get "${options[@]}" download "$@")
for package in "$work"/debs/*.deb; do dpkg-deb --extract "$package" "$work/files"; done
cp --recursive --dereference "$work/files/usr/share/maven-repo/." "$out" 2> >(grep -v 'No such file' >&2) || true
find "$out" -type d -name debian -prune -exec rm -rf {} +
