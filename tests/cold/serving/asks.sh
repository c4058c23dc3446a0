# asks.sh: what the cases ask with. `at` is the address of the service.
at=${at:-$BASE_URL}
ask() { curl -sS --noproxy '*' --connect-timeout 3 -m 90 "$@"; }
post() { ask -w ' %{http_code}\n' -H 'content-type: application/json' -H 'authorization: Bearer sk-tea-0f1e2d3c4b5a69788796a5b4c3d2e1f0' -d "$2" "${@:3}" "$at$1"; }
get() { ask -w ' %{http_code}\n' -H 'authorization: Bearer sk-tea-0f1e2d3c4b5a69788796a5b4c3d2e1f0' "${@:2}" "$at$1"; }
status() { ask -o /dev/null -w "$1 %{http_code} %{content_type}\n" "${@:2}" "$at$1"; }
flowers='{"instances": [[5.1,3.5,1.4,0.2],[6.2,3.4,5.4,2.3]]}'
said() { docker logs "${id:-$CONTAINER}" 2>&1 | grep -oE "$1" | sed -n 1p; }
