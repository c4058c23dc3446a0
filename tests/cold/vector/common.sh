# Sourced by cases: `ask PATH FILE-IN-THE-CONTAINER [BYTES]`, `find JSON`.
ask() { docker exec "$CONTAINER" cat "$2" | curl -sS --max-time 100 -o /tmp/cold-answer.$$ -w "$1 %{http_code} " -F "file=@-;filename=$2.$RANDOM$RANDOM" "$BASE_URL/$1"; head -c "${3:-300}" /tmp/cold-answer.$$ | tr -d '\0' | tr '\n' ' '; rm -f /tmp/cold-answer.$$; echo; }
find() { curl -sS --max-time 100 -w " %{http_code}\n" -H "content-type: application/json" -d "$1" "$BASE_URL/search"; }
