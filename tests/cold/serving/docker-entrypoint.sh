#!/bin/sh
# docker-entrypoint.sh ROLE [ARGUMENT …]: api (by one of four servers), light, models, bento, gateway, worker, features
set -e
role="$1"; shift
port="${PORT:-8800}"
python="${API_HOME:-/opt/api}/bin"

local_redis() {
  [ -n "$PREDICTOR_REDIS_URL" ] || redis-server /etc/predictor/redis.conf --daemonize yes > /dev/null
}

case "$role" in
  api)
    case "${SERVER:-gunicorn}" in
      gunicorn) exec "$python/gunicorn" -c /etc/predictor/gunicorn.conf.py predictor.api:app "$@" ;;
      uvicorn) exec "$python/uvicorn" predictor.api:app --host 0.0.0.0 --port "$port" --log-config "${UVICORN_LOG:-/etc/predictor/uvicorn.yaml}" "$@" ;;
      hypercorn) exec "$python/hypercorn" -c /etc/predictor/hypercorn.toml predictor.api:app "$@" ;;
      granian) exec "$python/granian" --interface asgi --host 0.0.0.0 --port "$port" predictor.api:app "$@" ;;
      *) echo "no server $SERVER" >&2; exit 64 ;;
    esac ;;
  light) exec "$python/python" -m light.server "$port" "$@" ;;
  models) cd /srv/mlserver; exec /opt/mlserver/bin/mlserver "${@:-start}" . ;;
  batch) cd /srv/mlserver; exec /opt/mlserver/bin/mlserver infer "$@" ;;
  bento) cd /srv/bento
    case "$1" in
      list | get | delete | models | export | import) exec /opt/bento/bin/bentoml "$@" ;;
      *) exec /opt/bento/bin/bentoml serve "${BENTO_SERVICE:-service:Flowers}" --host 0.0.0.0 --port "$port" "$@" ;;
    esac ;;
  gateway) cd /srv/gateway; exec /opt/gateway/bin/litellm --config "${GATEWAY_CONFIG:-/srv/gateway/config.yaml}" --host 0.0.0.0 --port "$port" "$@" ;;
  worker)
    local_redis
    case "$1" in
      arq) shift; exec "$python/arq" predictor.jobs.Worker "$@" ;;
      dramatiq) shift; exec "$python/dramatiq" predictor.jobs --processes 1 --threads 2 "$@" ;;
      all) "$python/arq" predictor.jobs.Worker & "$python/dramatiq" predictor.jobs --processes 1 --threads 2 & exec "$python/gunicorn" -c /etc/predictor/gunicorn.conf.py predictor.api:app ;;
    esac ;;
  features) cd /srv/features; exec "$python/feast" "$@" ;;
  *) echo "no role $role" >&2; exit 64 ;;
esac
