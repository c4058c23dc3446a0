#!/usr/bin/env bash
# Build careen's own image from Debian's packages and careen's wheel, and harden it by careen.
#   scripts/image.sh [WHEEL [DIRECTORY]]      the wheel is built from the checkout if none is named
# The results are careen-original.tar and careen.tar (OCI archives), and the evidence of the run, in dist/image or the directory.
# Two builds of one commit give one digest as long as Debian's packages are the same: all times are SOURCE_DATE_EPOCH, else the commit's.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "image: $*"; }
[ "$(id -u)" = 0 ] || { echo "image: needs root, to build a root file system and to watch the container: try 'sudo make image'" >&2; exit 1; }
release=trixie python=3.13      # Debian's release, and the Python that it has
packages=(ca-certificates python3 runc skopeo cosign docker-cli gitleaks)
began=$SECONDS
scripts/install-needs.sh image
scripts/setup.sh
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
out=$(realpath -m "${2:-dist/image}")
mkdir -p "$out" build
work=$(mktemp -d -p "$PWD/build" image.XXXXXX)
# podman's store, state and settings are below one folder: nothing of the user's podman is read or touched.
cat >"$work/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$work/store"
runroot = "$work/run"
END
cat >"$work/containers.conf" <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
events_logger = "none"
static_dir = "$work/libpod"
tmp_dir = "$work/tmp"
volume_path = "$work/volumes"
END
podman=(env CONTAINERS_CONF="$work/containers.conf" CONTAINERS_STORAGE_CONF="$work/storage.conf" PODMAN_IGNORE_CGROUPSV1_WARNING=1 podman)
clean() { "${podman[@]}" rmi --all --force >/dev/null 2>&1 || true; rm -rf --one-file-system "$work"; }
trap clean EXIT

wheel=${1:-}
version=$(.venv/bin/python -c 'import careen; print(careen.__version__)')
if [ -z "$wheel" ]; then
  .venv/bin/python -m build --wheel --no-isolation --outdir "$work/dist" . >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  wheel=$(echo "$work"/dist/*.whl)
fi
mkdir -p "$work/context/wheels"
tags=(--platform "manylinux_2_17_$(uname -m)" --platform "manylinux2014_$(uname -m)" --platform "manylinux_2_28_$(uname -m)")
.venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
  --python-version "$python" --implementation cp "${tags[@]}" --dest "$work/context/wheels" --requirement requirements/run.txt
cp "$wheel" "$work/context/wheels/"
say "wheels ($((SECONDS - began)) s)"

mapfile -t sources < <(python3 scripts/apt_sources.py "$release")
[ -n "${sources[*]}" ] || { echo "image: no package source for $release in /etc/apt" >&2; exit 1; }
apt-config dump | { grep -E '^Acquire::(https?|Check-|Retries|ForceIPv4)\S* ' || true; } >"$work/apt.conf"
# What apt, dpkg and ldconfig note for themselves differs from build to build.
mmdebstrap --quiet --mode=root --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" --aptopt="$work/apt.conf" \
  --aptopt='APT::Install-Recommends "false"' \
  --customize-hook='rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/etc/apt/apt.conf.d/99mmdebstrap' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/cache/ldconfig/aux-cache "$1"/var/log/apt "$1"/var/log/*.log' \
  "$release" "$work/context/root.tar" "${sources[@]}"
say "Debian's packages ($((SECONDS - began)) s)"

"${podman[@]}" build --quiet --isolation chroot --timestamp "$SOURCE_DATE_EPOCH" --build-arg VERSION="$version" --tag careen:original \
  --file image/Containerfile "$work/context" >/dev/null
rm -f "$out/careen-original.tar"
# The next step reads it, and whoever builds FROM it: packing it harder takes twice as long, and spares a tenth.
"${podman[@]}" push --quiet --compression-level 1 careen:original "oci-archive:$out/careen-original.tar:original"
say "the image ($((SECONDS - began)) s)"

rm -rf "$out/careen.tar" "$out/evidence"
.venv/bin/careen harden "oci-archive:$out/careen-original.tar" --config image/careen.toml --engine embedded \
  -o "oci-archive:$out/careen.tar:careen:$version" --report-dir "$out/evidence"
say "done in $((SECONDS - began)) s: $out/careen.tar"
