#!/bin/sh
# serve | worker | flow …, or any command.
set -eu
case "${1:-serve}" in
  serve) exec gunicorn -c conf/gunicorn.py tides.api:app ;;
  worker) shift; exec huey_consumer tides.jobs.huey "$@" ;;
  flow) shift; exec kedro run "$@" ;;
  *) exec "$@" ;;
esac
