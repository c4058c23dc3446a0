# Signals, workers, servers, ports, stacks on demand.
set -u
say() { printf '== %s\n' "$*"; }
try() { one=$(docker run -d "$@") || return; for i in $(seq 240); do docker logs "$one" 2>&1 | grep -qE 'Application startup complete|rror' && break; sleep 0.5; done; sleep 1; }
asked() { docker exec -i "$one" python -c 'import json, sys, urllib.request as u
print(json.load(u.urlopen(u.Request(sys.argv[1] + "/molecules/descriptors", b"{\"smiles\": \"CCO\"}", {"content-type": "application/json"}), timeout=60))["MolWt"])' "${1:-http://127.0.0.1:8000}"; }
ended() { docker kill -s "$1" "$one" >/dev/null; timeout 60 docker wait "$one"; docker logs "$one" 2>&1 | grep -oE 'Handling signal: [a-z]+|Shutting down.*|Traceback|Finished server process' | sort -u | tr '\n' ' '; echo; docker rm -f "$one" >/dev/null; }
for sign in TERM INT QUIT; do say $sign; try "$IMAGE"; asked; ended $sign; done
say HUP; try -e WORKERS=2 "$IMAGE"; docker kill -s HUP "$one" >/dev/null; sleep 8; asked; docker logs "$one" 2>&1 | grep -oE 'Hang up: Master' | sort -u; ended TERM
say stacks; try --entrypoint python "$IMAGE" -m uvicorn lab.web:app --port 8000 --host 127.0.0.1; docker kill -s USR1 "$one" >/dev/null; sleep 1; docker logs "$one" 2>&1 | grep -oE 'Current thread|in run_forever|uvicorn/__main__.py' | sort -u | tr '\n' ' '; echo; ended INT
say a worker that is killed; try "$IMAGE"; docker exec "$one" sh -c 'for p in /proc/[0-9]*; do read -r n < $p/comm; [ "$n" = gunicorn ] && echo ${p#/proc/}; done | sort -n | tail -n 1 | xargs kill -9'; sleep 6; asked; docker logs "$one" 2>&1 | grep -oE 'SIGKILL|Booting worker' | sort | uniq -c; ended TERM
say another port; try -e PORT=9000 "$IMAGE"; asked http://127.0.0.1:9000; ended TERM
say by uvicorn; try --entrypoint uvicorn "$IMAGE" lab.web:app --host 127.0.0.1 --port 8000 --log-level trace --workers 2; asked; ended TERM
pair=$(mktemp -d); trap 'rm -rf "$pair"' EXIT; openssl req -x509 -newkey rsa:2048 -nodes -keyout "$pair/key" -out "$pair/certificate" -days 3 -subj /CN=localhost 2>/dev/null; chmod -R a+rX "$pair"
say TLS; try -v "$pair:/pair:ro" --entrypoint gunicorn "$IMAGE" -b 127.0.0.1:8000 -k uvicorn.workers.UvicornWorker --keyfile /pair/key --certfile /pair/certificate lab.web:app; docker exec "$one" python -c 'import ssl, urllib.request as u; c = ssl._create_unverified_context(); print(u.urlopen("https://127.0.0.1:8000/health", context=c, timeout=30).read().decode())'; ended TERM
say threads; try --entrypoint gunicorn "$IMAGE" -b 127.0.0.1:8000 -k gthread --threads 2 'wsgiref.simple_server:demo_app'; sleep 2; docker exec "$one" python -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8000/", timeout=30).read()[:12].decode())'; ended TERM
say statistics; docker run --rm --entrypoint gunicorn "$IMAGE" --check-config lab.web:app; echo $?; docker run --rm --entrypoint gunicorn "$IMAGE" --check-config lab.nothing:app 2>&1 | grep -oE "No module named 'lab.nothing'" | sort -u
say a job alone; docker run --rm "$IMAGE" job graphs known_ones; docker run --rm "$IMAGE" job nothing; echo $?; docker run --rm "$IMAGE" nothing 2>&1 | grep -oE 'nothing: not found'
