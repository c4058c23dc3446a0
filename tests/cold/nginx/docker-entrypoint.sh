#!/bin/sh
# Runs what lies in /docker-entrypoint.d, in order, before the server.
set -e
if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
  if find /docker-entrypoint.d -mindepth 1 -maxdepth 1 -type f | grep -q .; then
    find /docker-entrypoint.d -follow -type f | sort -V | while read -r f; do
      case "$f" in
        *.sh) [ -x "$f" ] && "$f" ;;
        *) echo "$0: ignoring $f" ;;
      esac
    done
  fi
fi
exec "$@"
