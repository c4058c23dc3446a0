#!/bin/sh
set -e
if [ "$(id -u)" = 0 ]; then
  chown app /data
  exec gosu app "$0" "$@"
fi
exec "$@"
