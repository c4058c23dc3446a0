# Sourced by cases: short ways to ask.
get() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@"; }
tool() { get "$BASE_URL/tool/$@"; }
ready() { for _ in $(seq 60); do docker exec "$1" curl -fsS http://127.0.0.1:8080/health >/dev/null 2>&1 && return; sleep 1; done; docker logs "$1" 2>&1 | tail -n 3; }
