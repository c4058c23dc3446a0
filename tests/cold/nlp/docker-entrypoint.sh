#!/bin/sh
# serve | train | evaluate | convert, or any command.
set -eu
case "${1:-serve}" in
  serve)
    bind="--bind 0.0.0.0:8300"
    if [ -n "${NLP_TLS:-}" ]; then bind="--bind 0.0.0.0:8443 --insecure-bind 0.0.0.0:8300 --certfile /etc/nlp/cert.pem --keyfile /etc/nlp/key.pem"; fi
    exec hypercorn $bind --config "${NLP_CONFIG:-/etc/nlp/hypercorn.toml}" nlp.api:app ;;
  train | evaluate | convert) exec python -m nlp.jobs "$@" ;;
  *) exec "$@" ;;
esac
