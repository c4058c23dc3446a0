#!/bin/sh
# serve | mcp | lsp | tables, or any command.
set -eu
[ -d /code/.git ] || { git init -q /code && git -C /code commit -q --allow-empty -m start; }
case "${1:-serve}" in
  serve) exec gunicorn -c /etc/coder/gunicorn.py coder.web:app ;;
  mcp) shift; exec python -m coder.mcp "$@" ;;
  lsp) shift; exec pylsp "$@" ;;
  tables) shift; exec datasette serve --host 0.0.0.0 --port 8900 "$@" ;;
  *) exec "$@" ;;
esac
