# beside.sh READY [OPTION ...] -- WORD ...: another container of the image, with these words; what is asked of it comes on standard input, once READY answers (a path,
# or a text of its log). `id` is its name, `at` its address; `ask` is curl. At the end it is stopped, and how it ended is said.
ready=$1; shift
options=()
while [ "$1" != -- ]; do options+=("$1"); shift; done
shift
id=$(docker run -d "${options[@]}" "$IMAGE" "$@")
trap 'docker rm -f "$id" > /dev/null 2>&1' EXIT
at=http://$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$id"):8600
ask() { curl -sS --noproxy '*' "$@"; }
for n in $(seq 200); do
  case "$ready" in
    /*) ask -o /dev/null -f "$at$ready" 2> /dev/null && break ;;
    *) docker logs "$id" 2>&1 | grep -q "$ready" && break ;;
  esac
  [ "$(docker inspect -f '{{.State.Running}}' "$id")" = true ] || break
  sleep 0.5
done
eval "$(cat)"
docker stop -t 20 "$id" > /dev/null; docker inspect -f 'exit {{.State.ExitCode}}' "$id"
