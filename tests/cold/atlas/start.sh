#!/bin/sh
# serve [SETTINGS…] | debug | prolog … | backup TO | any command
set -e
export ATLAS_DATA="${ATLAS_DATA:-file:///var/lib/atlas/facts.fs}"
case "${1:-serve}" in
  serve) shift || true; exec pserve "${ATLAS_INI:-/etc/atlas/production.ini}" "$@" ;;
  debug) exec pserve --reload /etc/atlas/development.ini ;;
  prolog) shift; exec swipl /srv/atlas/rules/kin.pl "$@" ;;
  backup) exec repozo --backup --full --gzip --repository "$2" --file /var/lib/atlas/facts.fs ;;
  *) exec "$@" ;;
esac
