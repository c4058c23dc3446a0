#!/bin/sh
# What a container of this image is: the service, its worker, its timetable, a crawl, or one command.
set -e
mode=${1:-serve}
[ $# -gt 0 ] && shift
export PATH=/opt/papers/bin:$PATH
case $mode in
  serve) exec gunicorn -c /etc/papers/gunicorn.conf.py papers.web:app "$@" ;;
  dev) exec uvicorn papers.web:app --host 0.0.0.0 --port 8600 "$@" ;;
  worker) exec celery -A papers.jobs.queue worker --loglevel "${PAPERS_LEVEL:-WARNING}" --concurrency 2 --without-gossip --without-mingle "$@" ;;
  beat) exec celery -A papers.jobs.queue beat --loglevel INFO --schedule /var/lib/papers/beat "$@" ;;
  queue) exec celery -A papers.jobs.queue "$@" ;;
  timetable) exec papers timetable ;;
  migrate) exec alembic -c /etc/papers/alembic.ini "${@:-upgrade}" ;;
  ingest) exec papers ingest "$@" ;;
  crawl) cd /srv/papers/crawl && exec scrapy "$@" ;;
  shell) exec ipython --profile-dir /tmp/ipython --no-banner --colors NoColor -i /etc/papers/shell.py "$@" ;;
  report) /etc/papers/report.sh "$@" ;;
  watch) exec /etc/papers/watch.sh "$@" ;;
  papers) exec papers "$@" ;;
  *) echo "no mode $mode" >&2; exit 64 ;;
esac
