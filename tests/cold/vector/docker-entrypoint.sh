#!/bin/sh
set -e
case $1 in
  serve) shift; alembic --raiseerr upgrade head 2>/dev/null; exec gunicorn --bind 0.0.0.0:8600 --worker-class "${WORKER_CLASS:-uvicorn.workers.UvicornWorker}" "$@" vector.api:app ;;
  worker) shift; exec celery --app vector.tasks worker --loglevel INFO "$@" ;;
  vector) exec "$@" ;;
esac
exec "$@"
