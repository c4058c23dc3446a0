# What is wrong: requests, areas, parts, plates; what the log tells of it.
set -u
say() { printf '== %s\n' "$*"; }
ask() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@" | sed 's/"url":"[^"]*"//g'; }
json='content-type: application/json'
say not JSON; ask -d '{' -H "$json" "$BASE_URL/areas/dicom"; ask -d 'x=1' "$BASE_URL/areas/dicom"; ask -d '{"seconds": "tea"}' -H "$json" "$BASE_URL/areas/dicom"
say nothing; ask "$BASE_URL/nothing"; ask -X DELETE "$BASE_URL/health"; ask -d '{}' -H "$json" "$BASE_URL/areas/nothing"; ask -d '{}' -H "$json" "$BASE_URL/areas/..%2Fweb"
say no part; ask -d '{"parts": ["nothing"]}' -H "$json" "$BASE_URL/areas/dicom"
say too slow; ask -d '{"seconds": 0.3}' -H "$json" "$BASE_URL/areas/nets"
say no plate; ask -d tea "$BASE_URL/dicom/tags"; ask -X POST "$BASE_URL/dicom/tags"; ask -d tea "$BASE_URL/dicom/picture"
say broken; ask "$BASE_URL/broken"
say description; ask "$BASE_URL/openapi.json" | grep -o '"title":"Plates","version":"2.4"'; ask "$BASE_URL/docs" | grep -c swagger
say many at once; for i in 1 2 3 4 5; do curl -sS --noproxy '*' -o /dev/null -w '%{http_code}\n' -d tea "$BASE_URL/dicom/tags" & done | sort | uniq -c; wait
say a line by hand; printf 'GET / HTTP/9.9\r\n\r\n' | timeout 10 "$PYTHON" -c 'import socket, sys, os; s = socket.create_connection(("127.0.0.1", int(os.environ["BASE_URL"].rsplit(":", 1)[1]))); s.sendall(sys.stdin.buffer.read()); print(s.recv(200).split(b"\r\n")[0].decode())'
say the log; docker logs "$CONTAINER" 2>&1 | grep -oE 'KeyError: .nothing.|in broken|return \{"there".*|area dicom ended with 1|InvalidDicomError|in picture' | sort | uniq -c
