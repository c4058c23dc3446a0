#!/bin/sh
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
fi
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --init-groups -- "$0" "$@"
fi
um="$(umask)"
if [ "$um" = 0022 ]; then umask 0077; fi
if [ -n "$REDIS_PASSWORD_FILE" ]; then
  set -- "$@" --requirepass "$(cut -d: -f2 "$REDIS_PASSWORD_FILE" | tr -d '\n')"
fi
exec "$@"
