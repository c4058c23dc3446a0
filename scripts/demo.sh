#!/usr/bin/env bash
# Build a small real AI image without docker, harden it through the embedded engine, show the result.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" = 0 ] || { echo "demo: needs root, to build a root file system and to watch the container: try 'sudo make demo'" >&2; exit 1; }
began=$SECONDS
scripts/install-needs.sh demo
scripts/setup.sh bare
# Installing what careen needs and building the image take one processor each. It gets a process group (-m), by which all of it is ended.
set -m
scripts/setup.sh &
set +m
setup=$!
trap 'kill -- "-$setup" 2>/dev/null || true' EXIT
out=demo/.build
mkdir -p "$out"
# Built again only when what it is built from has changed.
want=$(sha256sum demo/build_image.py demo/requirements.txt scripts/apt_sources.py demo/app/*.py demo/app/NOTICE | sha256sum)
if [ "$(cat "$out/ocr.stamp" 2>/dev/null)" != "$want" ]; then
  .venv/bin/python demo/build_image.py "$out/ocr.tar"
  echo "$want" >"$out/ocr.stamp"
fi
wait "$setup"
trap - EXIT
rm -rf "$out/hardened"
.venv/bin/careen harden "docker-archive:$out/ocr.tar" --engine embedded \
  -o "oci:$out/hardened:1.0" --report-dir "$out/report" --test '.venv/bin/python demo/test_demo.py'
echo "demo: done in $((SECONDS - began)) s; the hardened image is oci:$out/hardened:1.0, the evidence lies in $out/report/"
