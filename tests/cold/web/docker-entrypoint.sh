#!/bin/sh
# serve | worker | beat | migrate | shell, or any command.
set -eu
as() { if [ "$(id -u)" = 0 ]; then chown -R shop /var/lib/shop; exec gosu shop "$@"; else exec "$@"; fi; }
case "${1:-serve}" in
  serve)
    python -c 'import os; from shop.db import prepare; prepare(os.environ.get("DATABASE_URL"))'
    as gunicorn -c /etc/shop/gunicorn.conf.py 'shop.web:create_app()' ;;
  worker) shift; as celery -A shop.tasks worker --concurrency=1 --loglevel=info "$@" ;;
  migrate) shift; exec alembic "$@" ;;
  shell) exec flask --app shop.web shell ;;
  *) exec "$@" ;;
esac
