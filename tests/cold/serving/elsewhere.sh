# elsewhere.sh READY ROLE [OPTION …] [-- ARGUMENT …]: the image in another of its roles, ready when this path answers. What is asked comes on standard input;
# `id` is its name, `at` its address. Where an option speaks of %UP% there is something upstream, and what that was told is printed at the end.
ready=$1; role=$2; shift 2
options=(); up=
while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
[ "$1" = -- ] && shift
near() { docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"; }
if [[ ${options[*]} == *%UP%* ]]; then
  folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
  docker run --rm --entrypoint cat "$IMAGE" /srv/models/iris.joblib > "$folder/iris.joblib"
  "$PYTHON" upstream.py "$(docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' bridge)" "$folder" > "$folder/told" 2> /dev/null & up=$!
  for n in $(seq 50); do [ -s "$folder/told" ] && break; sleep 0.1; done
  address=$(docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' bridge):$(head -n 1 "$folder/told")
  options=("${options[@]//%UP%/$address}")
fi
id=$(docker run -d "${options[@]}" "$IMAGE" "$role" "$@")
at=${scheme:-http}://$(near "$id"):${port:-8800}
. ./asks.sh
for n in $(seq 240); do
  ask -k -o /dev/null -f "$at$ready" 2> /dev/null && break
  [ "$(docker inspect -f '{{.State.Running}}' "$id")" = true ] || break
  sleep 0.5
done
eval "$(cat)"
docker stop -t 15 "$id" > /dev/null; docker inspect -f 'exit {{.State.ExitCode}}' "$id"; docker rm -f "$id" > /dev/null
[ -z "$up" ] || { sleep 0.5; kill "$up"; tail -n +2 "$folder/told" | sort -u; }
