#!/bin/bash
# healthcheck.sh --connect | --innodb | --replication
set -eo pipefail
case ${1:---connect} in
  --connect) mariadb-admin -uroot --silent ping ;;
  --innodb) [ "$(mariadb -uroot -Ne "select 1 from information_schema.ENGINES where engine = 'innodb' and support in ('YES', 'DEFAULT')" | tr -d ' ')" = 1 ] && echo innodb ;;
  --replication) mariadb -uroot -e 'show replica status\G' | awk '/Running/ { n++ } END { print "running", n + 0 }' ;;
esac
