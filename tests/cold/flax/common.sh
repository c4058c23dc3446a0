# Sourced by cases: short ways to ask.
get() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@"; }
task() { get "$BASE_URL/task/$1" | cut -c 1-400; }
inside() { docker exec "$1" python3 -c "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())" "$2"; }
