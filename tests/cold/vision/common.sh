# Sourced by cases: `make` draws files in the container, `ask PATH FILE-THERE [BYTES]` posts one and prints the path, the status and the answer's beginning.
ask() { docker exec "$CONTAINER" cat "$2" | curl -sS --noproxy '*' --max-time 200 -o /tmp/cold-answer.$$ -w "$1 ${2##*/} %{http_code} " -F "file=@-;filename=x" "$BASE_URL/$1"; head -c "${3:-300}" /tmp/cold-answer.$$ | tr -d '\0' | tr '\n' ' '; rm -f /tmp/cold-answer.$$; echo; }
make() { docker exec -i "$CONTAINER" python -W ignore - "$@" <make.py 2>/dev/null; }
