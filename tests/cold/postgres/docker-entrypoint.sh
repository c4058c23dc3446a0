#!/bin/bash
# Makes a cluster in an empty PGDATA, runs the scripts of /docker-entrypoint-initdb.d once, then the server.
set -Eeuo pipefail
if [ "$1" = postgres ] && [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA" && find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username=postgres --auth=trust --encoding=UTF8 ${INITDB_ARGS:-} > /dev/null
  printf 'host all all all %s\n' "${HOST_AUTH:-trust}" >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start > /dev/null
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) . "$file" ;;
      *.sql) psql -v ON_ERROR_STOP=1 -U postgres -q -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | psql -v ON_ERROR_STOP=1 -U postgres -q ;;
      *.sql.xz) xz -cd "$file" | psql -v ON_ERROR_STOP=1 -U postgres -q ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop > /dev/null
fi
[ "$1" = postgres ] && set -- "$@" -c "listen_addresses=*"
exec "$@"
