# Sourced by cases: `ask PATH FILE-IN-THE-CONTAINER`, and `give` makes the files there (the container's own programs do).
ask() { docker exec "$CONTAINER" cat "$2" | curl -sS --max-time 200 -o /tmp/cold-answer.$$ -w "$1 %{http_code} " -F "file=@-;filename=$2" "$BASE_URL/$1"; head -c "${3:-300}" /tmp/cold-answer.$$ | tr -d '\0' | tr '\n' ' '; rm -f /tmp/cold-answer.$$; echo; }
tone() { docker exec "$CONTAINER" sh -c 'mkdir -p /tmp/w; [ -f /tmp/w/a.wav ] || ffmpeg -v error -f lavfi -i sine=440:duration=1.5:sample_rate=16000 /tmp/w/a.wav'; }
