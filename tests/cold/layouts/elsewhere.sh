# elsewhere.sh ROLE [OPTION …]: the image in another of its roles. `at` is its address, `id` its name; what is asked comes on standard input.
id=$(docker run -d "${@:2}" "$IMAGE" "$1")
at=http://$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$id"):8900
ask() { curl -sS --noproxy '*' --connect-timeout 2 -m 60 "$@"; }
job() { ask -H 'content-type: application/json' -d "${2:-[]}" "$at/jobs/$1"; }
for n in $(seq 120); do
  ask -o /dev/null "$at/health" 2> /dev/null && break
  [ "$(docker inspect -f '{{.State.Running}}' "$id")" = true ] || break
  sleep 0.5
done
eval "$(cat)"
docker stop -t 10 "$id" > /dev/null; docker inspect -f 'exit {{.State.ExitCode}}' "$id"; docker rm -f "$id" > /dev/null
