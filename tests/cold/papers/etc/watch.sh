#!/bin/bash
# Files that come into a folder are read in, and moved where they belong. PAPERS_ONCE ends it after one round.
inbox=${1:-/var/lib/papers/inbox}
mkdir -p "$inbox"/{done,failed}
trap 'echo stopped; exit 0' TERM
shopt -s nullglob
while :; do
  for file in "$inbox"/*.*; do
    if timeout 60 papers ingest --quiet "$file"; then mv -n "$file" "$inbox/done/"; else mv -n "$file" "$inbox/failed/"; fi
  done
  find "$inbox" -maxdepth 2 -type f -printf '%P\n' | sort | xargs -r -n 1 echo "kept:"
  du -s --apparent-size "$inbox" > /dev/null
  [ -n "${PAPERS_ONCE:-}" ] && exit 0
  sleep 1 & wait $!
done
