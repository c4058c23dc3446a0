#!/usr/bin/env bash
# Build the workload images that the tests marked `shared` need, where the folder ../shared/workloads lies beside the checkout.
# What is built already stays; without the folder there is nothing to do. Needs root, mmdebstrap and a docker daemon that answers.
set -euo pipefail
cd "$(dirname "$0")/.."

workloads=../shared/workloads
[ -d "$workloads" ] || { echo "build-workloads: no ../shared/workloads beside this checkout: nothing to do"; exit 0; }

have() { docker image inspect "$1" >/dev/null 2>&1; }

if ! have wl/embed:cpu; then
  if ! have wl/base:py311; then
    echo "build-workloads: wl/base:py311"
    "$workloads/build-base.sh" wl/base:py311
  fi
  echo "build-workloads: wl/embed:cpu"
  "$workloads/build.sh" embed wl/embed:cpu
fi
