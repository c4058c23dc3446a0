# Signals, workers, servers, ports, TLS, a start again.
set -u
say() { printf '== %s\n' "$*"; }
try() { one=$(docker run -d "$@") || return; for i in $(seq 240); do docker logs "$one" 2>&1 | grep -qE 'Application startup complete|rror' && break; sleep 0.5; done; sleep 1; }
asked() { docker exec -i "$one" python -c 'import sys, urllib.request as u
print(u.urlopen(sys.argv[1] + "/health", timeout=60).read().decode())' "${1:-http://127.0.0.1:8600}"; }
ended() { docker kill -s "$1" "$one" >/dev/null; timeout 60 docker wait "$one"; docker logs "$one" 2>&1 | grep -oE 'Handling signal: [a-z]+|Traceback|Finished server process' | sort -u | tr '\n' ' '; echo; }
gone() { docker rm -f "$one" >/dev/null; }
for sign in TERM INT QUIT; do say $sign; try "$IMAGE"; asked; ended $sign; gone; done
say HUP; try -e WORKERS=2 "$IMAGE"; docker kill -s HUP "$one" >/dev/null; sleep 6; asked; docker logs "$one" 2>&1 | grep -oE 'Hang up: Master' | sort -u; ended TERM
say again; docker start "$one" > /dev/null; sleep 6; asked; ended TERM; gone
say a worker that is killed; try "$IMAGE"; docker exec "$one" sh -c 'for p in /proc/[0-9]*; do read -r n < $p/comm; [ "$n" = gunicorn ] && echo ${p#/proc/}; done | sort -n | tail -n 1 | { read -r last; kill -9 $last; }'; sleep 6; asked; docker logs "$one" 2>&1 | grep -oE 'Booting worker' | sort | uniq -c; ended TERM; gone
say another port; try -e PORT=9000 "$IMAGE"; asked http://127.0.0.1:9000; ended TERM; gone
say by uvicorn; try --entrypoint uvicorn "$IMAGE" plates.web:app --host 127.0.0.1 --port 8600 --workers 2; asked; ended TERM; gone
pair=$(mktemp -d); trap 'rm -rf "$pair"' EXIT; openssl req -x509 -newkey rsa:2048 -nodes -keyout "$pair/key" -out "$pair/certificate" -days 3 -subj /CN=localhost 2>/dev/null; chmod -R a+rX "$pair"
say TLS; try -v "$pair:/pair:ro" --entrypoint gunicorn "$IMAGE" -b 127.0.0.1:8600 -k uvicorn.workers.UvicornWorker --keyfile /pair/key --certfile /pair/certificate plates.web:app; docker exec "$one" python -c 'import ssl, urllib.request as u; c = ssl._create_unverified_context(); print(u.urlopen("https://127.0.0.1:8600/health", context=c, timeout=30).read().decode())'; ended TERM; gone
say little memory; try -m 256m "$IMAGE"; asked; docker exec "$one" sh -c 'plates work nets training > /dev/null 2>&1 || echo ended'; asked; gone
say work alone; docker run --rm "$IMAGE" work dicom syntaxes; docker run --rm "$IMAGE" work nothing; echo $?; docker run --rm "$IMAGE" nothing 2>&1 | grep -oE 'nothing: not found'
