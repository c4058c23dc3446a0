#!/bin/sh
# Packs a folder, with its sums, and proves that the archive can be read.
set -eu
from=$1 to=$2
(cd "$from" && find . -type f -exec sha256sum {} + | sort -k 2 > /tmp/sums)
tar -czf "$to" -C "$from" . && gzip -t "$to"
tar -tzf "$to" | wc -l | xargs printf 'entries %s\n'
awk '{ n++ } END { printf "files %d\n", n }' /tmp/sums
date -u -d @0 +'%F %T'
