# Requests that nobody should make, and answers that only operators see.
set -u
say() { printf '== %s\n' "$*"; }
ask() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@"; }
row='{"age": 40, "visits": 0, "spent": 10}'
say wrong; for body in "[{\"age\": 3}]" '{"a"' '[]' "[{\"age\": \"x\", \"visits\": -1, \"spent\": null}]" "[$row, $row]"; do ask -H 'content-type: application/json' -d "$body" "$BASE_URL/predict" | sed 's/"url":"[^"]*"//g'; done
say names; for name in nobody@champion churn@nobody churn/1 churn/99 churn/none ../../etc worth@champion; do ask -H 'content-type: application/json' -d "[$row]" "$BASE_URL/predict?model=$name"; done | sed -E 's/[0-9]+\.[0-9]{3,}/N/g'
say methods; ask -X DELETE "$BASE_URL/predict"; ask -X OPTIONS "$BASE_URL/health"; ask -I "$BASE_URL/health" | head -n 1; ask "$BASE_URL/nothing"
say bodies; head -c 300000 /dev/zero | tr '\0' 'x' | ask -H 'content-type: application/json' --data-binary @- "$BASE_URL/predict" | tail -c 40; ask -H 'content-type: text/plain' -d x "$BASE_URL/predict" | grep -oE '[0-9]+$'; ask -F a=b "$BASE_URL/predict" | grep -oE '[0-9]+$'
say raw; printf 'GET /%%zz HTTP/1.1\r\nHost: x\r\n\r\n' | timeout 5 docker exec -i "$CONTAINER" python -c 'import socket,sys; s=socket.create_connection(("127.0.0.1",8000)); s.sendall(sys.stdin.buffer.read()); s.settimeout(3); print(s.recv(2000).split(b"\r\n")[0])'; printf 'NONSENSE\r\n\r\n' | docker exec -i "$CONTAINER" python -c 'import socket,sys; s=socket.create_connection(("127.0.0.1",8000)); s.sendall(sys.stdin.buffer.read()); s.settimeout(3); print(s.recv(2000).split(b"\r\n")[0])'
say operators; ask "$BASE_URL/models"; ask "$BASE_URL/metrics" | grep -E '^predictions_total\{model="churn@champion"\}' | cut -d ' ' -f 1; ask "$BASE_URL/openapi.json" | grep -o '"/[a-z]*"' | sort | tr '\n' ' '; ask "$BASE_URL/docs" | grep -o '<title>.*</title>'; ask "$BASE_URL/redoc" | grep -o '<title>'
say store away; docker exec "$CONTAINER" sh -c 'mv store/artifacts store/away'; ask -H 'content-type: application/json' -d "[$row]" "$BASE_URL/predict?model=worth/1"; docker logs "$CONTAINER" 2>&1 | grep -cE 'Traceback' | sed 's/[1-9][0-9]*/many/'; docker exec "$CONTAINER" sh -c 'mv store/away store/artifacts'; ask -H 'content-type: application/json' -d "[$row]" "$BASE_URL/predict?model=worth/1" | grep -oE '[0-9]+$'
