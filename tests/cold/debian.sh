#!/usr/bin/env bash
# debian.sh TAG FOLDER: build a subject on a small Debian, which is made first if it is not there yet. Needs root, mmdebstrap and docker.
# Packages come from where this machine's apt finds them; its configuration is a build secret and stays in no image.
set -euo pipefail
tag=$1 folder=$2 base=careen-cold/debian:trixie
sources=$(mktemp) && work=$(mktemp -d) && trap 'rm -rf "$sources" "$work"' EXIT
for file in /etc/apt/sources.list.d/*.sources; do
  grep -q '^URIs: *file:' "$file" || { cat "$file"; echo; }
done > "$sources"
settings=$work/apt.conf
apt-config dump | { grep -E '^Acquire::(https?|ForceIPv4)\S* ' || true; } > "$settings"
cat >> "$settings" <<'END'
APT::Install-Recommends "false";
Acquire::Check-Valid-Until "false";
Acquire::Check-Date "false";
Acquire::Retries "3";
END
exec 8< "$0" && flock 8   # one of those that run at the same time makes it
if ! docker image inspect "$base" > "$work/inspect" 2>&1; then
  mirror=$(grep -hoP '^URIs:\s*\K\S+(?=/debian$|/debian/$)' "$sources" | head -n1)/debian
  mmdebstrap --quiet --variant=minbase --include=ca-certificates,tzdata,netbase \
    --aptopt="$settings" \
    --customize-hook='rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/etc/apt/apt.conf.d/99mmdebstrap' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/log/apt "$1"/var/log/*.log' \
    trixie "$work/base.tar" "deb $mirror trixie main"
  docker import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'CMD ["bash"]' "$work/base.tar" "$base"
fi
exec 8<&-
context=$work/context   # what prepare.sh makes (archives of classes, installed packages) stays out of the source tree
cp -a "$folder" "$context"
if [ -x "$context/prepare.sh" ]; then (cd "$context" && ./prepare.sh); fi
pip=$(pip config list 2> /dev/null || true)   # a machine may have none
links=$(sed -n "s/.*find-links='\([^ ']*\).*'/\1/p" <<< "$pip" | head -n1)
if ! [ -d "$links" ]; then links=$work/none && mkdir "$links"; fi   # an empty folder where pip has no wheels of its own
{ echo '[global]'; sed -nE "s/.*\.((extra-)?index-url|trusted-host|default-timeout)='(.*)'/\1 = \3/p" <<< "$pip"; } > "$work/pip.conf"
DOCKER_BUILDKIT=1 docker build --network host --progress plain -t "$tag" --build-arg BASE="$base" --build-context tools="$(dirname "$0")/debian" --build-context wheels="$links" \
  --secret id=aptsources,src="$sources" --secret id=aptconf,src="$settings" --secret id=pipconf,src="$work/pip.conf" --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt "$context"
