# Sourced by cases: a provider in the service's container, and short ways to ask.
upstream() { docker exec -d "$CONTAINER" uvicorn relay.upstream:app --port 9001; for _ in $(seq 60); do docker exec "$CONTAINER" curl -fsS http://127.0.0.1:9001/plain >/dev/null 2>&1 && return; sleep 1; done; }
get() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@"; }
ask() { get -H 'content-type: application/json' -d "$1" "$BASE_URL/ask"; }
tool() { get "$BASE_URL/tool/$1"; }
