#!/bin/sh
set -eu
if [ "${NEW_CERTIFICATE:-}" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$(hostname)" \
    -keyout /etc/nginx/tls/key.pem -out /etc/nginx/tls/cert.pem 2>/dev/null
  openssl x509 -in /etc/nginx/tls/cert.pem -noout -subject | sed 's/^/new certificate: /'
fi
