#!/bin/sh
# The database and the settings, in one archive of today's name; the oldest go.
set -eu
cd /tmp
sqlite3 /var/lib/relay/relay.db ".backup copy.db"
tar -c --zstd -f "relay-$(date -u +%Y).tar.zst" copy.db -C /etc relay
find /tmp -maxdepth 1 -name 'relay-*.tar.zst' -printf '%f\n' | sort -V | head -n -3 | xargs -r rm --
tar -t --zstd -f "relay-$(date -u +%Y).tar.zst" | awk -F/ '{ n[$1]++ } END { for (k in n) print k, n[k] }' | sort
