#!/usr/bin/env bash
# Print the newest clang on PATH that can compile for BPF; exit 1 when there is none.
set -euo pipefail
for name in clang-{21,20,19,18,17,16,15,14} clang; do
  if command -v "$name" >/dev/null 2>&1 && echo 'int x;' | "$name" -target bpf -x c -c -o /dev/null - 2>/dev/null; then
    command -v "$name"
    exit 0
  fi
done
exit 1
