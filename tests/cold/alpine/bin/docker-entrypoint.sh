#!/bin/sh
# Drops root, runs what lies in /docker-entrypoint.d, waits for another service if it is told to, and may be a scheduler instead.
set -eu
if [ -d /docker-entrypoint.d ]; then
  for each in /docker-entrypoint.d/*.sh; do [ -e "$each" ] && . "$each"; done
fi
if [ -n "${WAIT_FOR:-}" ]; then
  count=0
  until nc -z -w 1 "${WAIT_FOR%:*}" "${WAIT_FOR#*:}"; do
    count=$((count + 1)); [ "$count" -lt 3 ] || { echo "$WAIT_FOR does not answer" | tee /dev/stderr > /dev/null; exit 75; }
    sleep 1
  done
fi
case "${1:-}" in
  cron) exec crond -f -d 6 ;;
  backup) shift; exec backup.sh "$@" ;;
  *.js) set -- node "$@" ;;
esac
if [ "$(id -u)" = 0 ] && [ "$1" = node ] && [ -n "${DROP:-}" ]; then
  exec su -s /bin/sh node -c 'exec "$0" "$@"' -- "$@"
fi
exec "$@"
