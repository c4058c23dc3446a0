# Sourced by cases: `get …`, `measure NAME[?QUERY] [VALUES]`, `chart FORM[?QUERY] [MORE]`, whose answer is its size class and its first bytes.
V='[1,2,1.5,3,2.5,4,1,0,-1,2,3,5,4,3.5,2,1,1.2,0.4,2,9,8.5,9.5,9,8,7,9.2,8.8,9.9,7.5,8,9,10,8,9,9.5,8.5,9,7,8,9]'
get() { curl -sS --max-time 200 -w ' %{http_code}\n' "$@"; }
measure() { printf '%s ' "$1"; get -H 'content-type: application/json' -d "{\"values\": ${2:-$V}}" "$BASE_URL/measures/$1"; }
chart() { printf '%s ' "$1${2:+ $2}"; get -H 'content-type: application/json' -d "{\"values\": [1, 3, 2, 4]${2:+, $2}}" -o /tmp/tides.$$ "$BASE_URL/charts/$1"; head -c 6 /tmp/tides.$$ | tr -d '\0\n' | LC_ALL=C sed 's/[^ -~]/./g'; echo " $(($(wc -c < /tmp/tides.$$) > ${3:-600}))"; rm -f /tmp/tides.$$; }
ready() { for _ in $(seq 90); do docker exec "$1" curl -fsS http://127.0.0.1:8950/health >/dev/null 2>&1 && return; sleep 1; done; echo 'not ready'; }
