# Sourced by cases: short ways to ask.
get() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@"; }
ask() { printf '%s %s ' "$1" "${3:-}"; get -d "{\"engine\": \"$1\", \"text\": \"$2\", \"overrides\": [${3:-}]}" "$BASE_URL/ask" | cut -c 1-300; }
