#!/usr/bin/env bash
# Make a release: version, change log, wheels, image, evidence, checksums, signatures. It ends in dist/release/VERSION and uploads nothing.
#   scripts/release.sh VERSION [KEY]
# KEY is what cosign signs with: a key's file, pkcs11:… or a key service's URI; $COSIGN_PASSWORD is the file's password.
# The first call with a new version writes and commits it, and tags the commit. A later one builds the tagged commit again: the wheels and the image come out the same.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:-} key=${2:-}
[ ! -f "$key" ] || key=$(realpath "$key")
fail() { echo "release: $*" >&2; exit 1; }
[ -n "$version" ] || fail "name the version: make release VERSION=0.2.0 [KEY=cosign.key]"
[ "$(id -u)" = 0 ] || fail "needs root, as building the image does: try 'sudo make release VERSION=$version'"
[ -z "$key" ] || command -v cosign >/dev/null || fail "KEY needs cosign: apt-get install cosign"
[ -z "$(git status --porcelain)" ] || fail "the checkout has changes: commit or remove them ('git status' names them)"
scripts/install-needs.sh release
scripts/setup.sh

if ! git rev-parse --quiet --verify "refs/tags/v$version" >/dev/null; then
  .venv/bin/python scripts/release.py "$version" "$(date -u +%F)" >/dev/null
  git commit --quiet --all --message "release: $version"
  git tag --annotate "v$version" --message "careen $version"
fi
out=$PWD/dist/release/$version
rm -rf "$out"
mkdir -p "$out" build
home=$PWD
tree=$(mktemp -d -p "$PWD/build" release.XXXXXX)
clean() { cd /; git -C "$home" worktree remove --force "$tree" 2>/dev/null || true; rm -rf "$tree"; }
trap clean EXIT
git worktree add --quiet --force --detach "$tree" "v$version"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "v$version")
export SOURCE_DATE_EPOCH

# Everything below is the tagged commit's: its scripts, its dependencies, and its careen hardens the image.
cd "$tree"
scripts/setup.sh
.venv/bin/python scripts/release.py "$version" "$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)" >"$out/NOTES.md"
for machine in x86_64 aarch64; do
  CAREEN_WHEEL_FOR=$machine .venv/bin/python -m build --wheel --no-isolation --outdir "$out" . >build.log 2>&1 || { cat build.log >&2; fail "building the wheel for $machine failed"; }
done
cp requirements/run.txt "$out/requirements.txt"
scripts/image.sh "$out"/careen-*_"$(uname -m)".whl
cp dist/image/careen.tar "$out/careen-$version-image.tar"
if [ -n "$key" ]; then
  .venv/bin/careen attest dist/image/evidence --key "$key"
  cosign public-key --key "$key" >"$out/cosign.pub"
fi
.venv/bin/careen evidence export dist/image/evidence --for auditor -o "$out/careen-$version-evidence.tar.gz"
(cd "$out" && sha256sum -- * >SHA256SUMS)
if [ -n "$key" ]; then
  cosign sign-blob --yes --key "$key" --tlog-upload=false --bundle "$out/SHA256SUMS.bundle" "$out/SHA256SUMS" >/dev/null
  chmod 644 "$out/SHA256SUMS.bundle"
fi
echo "release: $out holds careen $version; nothing was uploaded"
