# asked.sh FILE: what a script says in the container (lines that begin with == or !!), or the end of what it complains of.
said=$(cat common.py "$1" | docker exec -i "$CONTAINER" sh -c 'python - 2>/tmp/err || { tail -n 40 /tmp/err; exit 1; }')
status=$?
if [ $status -eq 0 ]; then printf '%s\n' "$said" | grep -E '^(==|!!)'; else printf '%s\n' "$said"; exit 1; fi
