#!/bin/sh
# serve (runit and all services) | migrate … | any command
set -e
case "${1:-serve}" in
  serve)
    cd /srv/relay
    if [ "$(id -u)" = 0 ]; then setpriv --reuid relay --regid relay --clear-groups alembic upgrade head; else export RELAY_USER=; alembic upgrade head; fi
    if [ -z "$WITH_WORKER" ]; then touch /etc/service/worker/down 2>/dev/null || true; else rm -f /etc/service/worker/down; fi
    exec runsvdir -P /etc/service ;;
  web) cd /srv/relay && alembic upgrade head && exec uvicorn --factory relay.app:create_app --host 0.0.0.0 --port 8000 ${UVICORN_MORE:-} ;;
  migrate) shift; cd /srv/relay; exec alembic "$@" ;;
  *) exec "$@" ;;
esac
