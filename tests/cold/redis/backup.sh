#!/bin/sh
# Nightly: a dump, checked and packed.
set -eu
out=${1:-/data/backup}
mkdir -p "$out"
redis-cli --rdb "$out/dump.rdb" >/dev/null
redis-check-rdb "$out/dump.rdb" | grep "looks OK"
gzip -f "$out/dump.rdb"
stat -c '%s' "$out/dump.rdb.gz" | awk '{ print "bytes", ($1 > 0) }'
