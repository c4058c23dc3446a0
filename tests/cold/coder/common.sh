# Sourced by cases: `tool NAME JSON`, `get …`, and `again` for the service of a restarted container.
get() { curl -sS --max-time 200 -w ' %{http_code}\n' "$@"; }
tool() { get -H 'content-type: application/json' -d "$2" "$BASE_URL/tools/$1"; }
ready() { for _ in $(seq 90); do docker exec "$1" curl -fsS http://127.0.0.1:8900/health >/dev/null 2>&1 && return; sleep 1; done; echo 'not ready'; }
