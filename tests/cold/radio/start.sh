#!/bin/sh
# serve | stream | play SCRIPT | any command
set -e
case "${1:-serve}" in
  serve) exec python -m station ;;
  stream) exec icecast2 -c /etc/station/icecast.xml ;;
  play) shift; exec liquidsoap "/etc/station/$1.liq" ;;
  *) exec "$@" ;;
esac
