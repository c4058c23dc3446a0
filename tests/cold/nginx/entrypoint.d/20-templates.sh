#!/bin/sh
set -eu
dir=/etc/nginx/templates
[ -n "$(ls -A "$dir")" ] || exit 0
defined=$(printf '${%s} ' $(awk 'END { for (name in ENVIRON) print name }' </dev/null))
for template in "$dir"/*.template; do
  out=/etc/nginx/conf.d/$(basename "$template" .template)
  envsubst "$defined" < "$template" > "$out"
  echo "made $out"
done
