#!/bin/sh
set -eu
[ "${NGINX_AUTOTUNE:-}" ] || exit 0
n=$(getconf _NPROCESSORS_ONLN)
sed -i -e "s/^worker_processes .*/worker_processes $((n > 2 ? 2 : n));/" /etc/nginx/nginx.conf
echo "workers: $(awk '$1 == "worker_processes" { print $2 }' /etc/nginx/nginx.conf | tr -d ';')"
