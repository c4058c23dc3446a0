# Signals, workers, loops and protocols by name, TLS, other settings.
set -u
say() { printf '== %s\n' "$*"; }
row='[{"age": 40, "visits": 0, "spent": 10}]'
try() {  # the options of docker run, then --, then further arguments
  one=$(docker run -d "$@") || return
  for i in $(seq 120); do docker logs "$one" 2>&1 | grep -qE 'Application startup complete|Listening at|Error' && break; sleep 0.5; done
  sleep 1
}
asked() { docker exec -i "$one" python -c 'import json, ssl, sys, urllib.request as u
c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE
r = u.Request(sys.argv[1] + "/predict", sys.argv[2].encode(), {"content-type": "application/json"})
print(u.urlopen(r, timeout=60, context=c if sys.argv[1].startswith("https") else None).read().decode())' "$1" "$row"; }
ended() { docker kill -s "$1" "$one" >/dev/null; docker wait "$one"; docker logs "$one" 2>&1 | grep -oE 'Shutting down|Finished server process|Traceback|Waiting for child process' | sort -u | tr '\n' ' '; echo; docker rm "$one" >/dev/null; }
for sign in TERM INT; do say $sign; try "$IMAGE"; asked http://127.0.0.1:8000; ended $sign; done
say workers; try "$IMAGE" --workers 2 --log-level trace; asked http://127.0.0.1:8000; ended TERM
say plain; try "$IMAGE" --loop asyncio --http h11 --ws websockets-sansio --no-access-log --root-path /x; asked http://127.0.0.1:8000; ended TERM
say fast; try "$IMAGE" --loop uvloop --http httptools --ws none --limit-max-requests 2; asked http://127.0.0.1:8000; docker rm -f "$one" >/dev/null
say tls; try --entrypoint sh "$IMAGE" -c 'openssl req -x509 -newkey rsa:2048 -nodes -keyout /tmp/k -out /tmp/c -days 3 -subj /CN=localhost 2>/dev/null && exec python -m uvicorn serving.web:app --ssl-keyfile /tmp/k --ssl-certfile /tmp/c'; asked https://127.0.0.1:8000; ended TERM
say settings; try --entrypoint sh "$IMAGE" -c 'printf "version: 1\nformatters: {f: {format: \"%%(levelname)s:::%%(message)s\"}}\nhandlers: {h: {class: logging.StreamHandler, formatter: f}}\nroot: {level: INFO, handlers: [h]}\n" > /tmp/log.yaml; exec python -m uvicorn serving.web:app --log-config /tmp/log.yaml'; asked http://127.0.0.1:8000; docker logs "$one" 2>&1 | grep -c 'INFO:::' | sed 's/[1-9][0-9]*/many/'; docker rm -f "$one" >/dev/null
say gunicorn; try --entrypoint gunicorn "$IMAGE" -b 127.0.0.1:8000 'prometheus_client:make_wsgi_app()' --threads 2; for i in $(seq 30); do docker logs "$one" 2>&1 | grep -q 'Booting worker' && break; sleep 0.5; done; sleep 1; docker exec "$one" curl -s http://127.0.0.1:8000/metrics | grep -c python_info; docker kill -s HUP "$one" >/dev/null; sleep 2; docker kill -s TERM "$one" >/dev/null; docker wait "$one"; docker logs "$one" 2>&1 | grep -oE 'Hang up|Handling signal: [a-z]+|Shutting down' | sort -u | tr '\n' ' '; docker rm "$one" >/dev/null; echo
say registry gone; docker run --rm -e MLFLOW_TRACKING_URI=sqlite:////tmp/empty.db "$IMAGE" 2>&1 | grep -oE 'RESOURCE_DOES_NOT_EXIST.*|Application startup failed. Exiting.' | sort -u
docker run --rm -e MLFLOW_TRACKING_URI=nothing://x "$IMAGE" 2>&1 | grep -oE 'UnsupportedModelRegistryStoreURIException|UnsupportedRegistry|Application startup failed' | sort -u
say arguments; docker run --rm "$IMAGE" --nothing 2>&1 | grep -E 'No such option'; docker run --rm "$IMAGE" --version | sed 's/[0-9.]\+/V/g'; docker run --rm "$IMAGE" --port 1 --host 203.0.113.1 2>&1 | grep -oE 'Permission denied|cannot assign requested address' | sort -u
say locale; docker run --rm -e LANG=C -e LC_ALL=POSIX -e TZ=Asia/Tokyo -e PYTHONUTF8=0 --entrypoint python "$IMAGE" -c 'import time, pandas as pd, locale; print(time.tzname, pd.Timestamp("2024-01-01", tz="Europe/Berlin"), locale.getpreferredencoding(False), ascii(b"\xfc".decode("latin-1")))'
