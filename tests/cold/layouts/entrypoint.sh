#!/bin/sh
# What the image may be: the service, one of its other servers, or a command of the shop.
set -e
bin=/srv/desk/.venv/bin
export PYTHONPATH=${PYTHONPATH:+$PYTHONPATH:}/srv/desk/app
case ${1:-serve} in
  serve) exec $bin/gunicorn -c /etc/desk/gunicorn.conf.py desk.web:app ;;
  async) exec $bin/gunicorn -c /etc/desk/gunicorn.conf.py -k uvicorn_worker.UvicornWorker desk.asgi:app ;;
  uvicorn) exec $bin/uvicorn --host 0.0.0.0 --port 8900 desk.asgi:app ;;
  paste) exec $bin/gunicorn --bind 0.0.0.0:8900 --paste /etc/desk/paste.ini#whole ;;
  site) shift; /opt/site/env/bin/python /opt/site/manage.py migrate --settings shop.settings.production -v 0; exec uwsgi --ini /etc/desk/uwsgi.ini "$@" ;;
  manage) shift; exec /opt/site/env/bin/python /opt/site/manage.py "$@" ;;
  all) exec $bin/honcho start -f /etc/desk/Procfile ;;
  watch) exec supervisord -c /etc/desk/supervisord.conf ;;
  job) shift; cd /srv/desk/app; exec $bin/python -m desk "$@" ;;
  *) echo "no role $1" >&2; exit 64 ;;
esac
