#!/bin/bash
# Makes the system tables in an empty data directory, runs the scripts of /docker-entrypoint-initdb.d once, then the server.
set -eo pipefail
data=/var/lib/mysql
note() { printf '%s [entrypoint] %s\n' "$(date +%T)" "$*"; }
if [ "$1" = mariadbd ] && [ "$(id -u)" = 0 ]; then
  find "$data" \! -user mysql -exec chown mysql: '{}' +
  exec setpriv --reuid=mysql --regid=mysql --init-groups -- "$0" "$@"
fi
if [ "$1" = mariadbd ] && [ ! -d "$data/mysql" ]; then
  mariadb-install-db --datadir="$data" --auth-root-authentication-method=normal --skip-test-db ${INSTALL_ARGS:-} > /dev/null
  mariadbd --skip-networking --socket=/tmp/init.sock &
  server=$!
  client() { mariadb --socket=/tmp/init.sock -uroot "$@"; }
  for _ in $(seq 60); do client -e 'select 1' > /dev/null 2>&1 && break; sleep 0.5; done
  if [ "${TIME_ZONES:-}" ]; then mariadb-tzinfo-to-sql /usr/share/zoneinfo 2>/dev/null | client mysql; note "time zones are in"; fi
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sql) client < "$file" ;;
      *.sql.gz) gunzip -c "$file" | client ;;
      *.sql.xz) xz -cd "$file" | client ;;
      *.sql.zst) zstd -cdq "$file" | client ;;
      *.sh) . "$file" ;;
    esac
  done
  if [ "${RANDOM_PASSWORD:-}" ]; then
    secret=$(head -c 24 /dev/urandom | base64 | tr -d '/+=')
    client -e "alter user root@localhost identified by '$secret'"
    note "password of root: $secret"
  fi
  kill "$server" && wait "$server" || true
  note "the data is made"
fi
exec "$@"
