#!/bin/sh
# web | sync | daphne | worker | beat | cluster | queue | manage … | any command
set -e
case "${1:-web}" in
  web) exec gunicorn config.asgi:application -k "${DESK_WORKER:-uvicorn.workers.UvicornWorker}" -w "${WEB_CONCURRENCY:-1}" -b 0.0.0.0:8020 ;;
  sync) shift; exec gunicorn config.wsgi:application -b 0.0.0.0:8020 "$@" ;;
  daphne) exec daphne -b 0.0.0.0 -p 8020 config.asgi:application ;;
  worker) shift; exec celery -A config worker -l INFO -P "${DESK_POOL:-prefork}" -c "${DESK_CONCURRENCY:-1}" "$@" ;;
  beat) shift; exec celery -A config beat -l INFO "$@" ;;
  cluster) exec python manage.py qcluster ;;
  queue) exec redis-server --save "" ;;
  manage) shift; exec python manage.py "$@" ;;
  *) exec "$@" ;;
esac
