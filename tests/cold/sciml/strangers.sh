# What is wrong: requests, jobs, parts; what the log tells of it.
set -u
say() { printf '== %s\n' "$*"; }
ask() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@" | sed 's/"url":"[^"]*"//g'; }
say not JSON; ask -d '{' -H 'content-type: application/json' "$BASE_URL/molecules/descriptors"
say another type; ask -d 'smiles=CC' "$BASE_URL/molecules/descriptors"
say too long; ask -d "{\"smiles\": \"$(printf 'C%.0s' $(seq 500))\"}" -H 'content-type: application/json' "$BASE_URL/molecules/descriptors" | sed 's/CCCC*/C/g'
say no molecule; ask -d '{"smiles": "C1CC"}' -H 'content-type: application/json' "$BASE_URL/molecules/descriptors"
say no valence; ask -d '{"smiles": "C(C)(C)(C)(C)C"}' -H 'content-type: application/json' "$BASE_URL/molecules/descriptors"
say nothing; ask "$BASE_URL/nothing"; ask -X DELETE "$BASE_URL/health"
say no job; ask -d '{}' -H 'content-type: application/json' "$BASE_URL/jobs/nothing"; ask -d '{}' -H 'content-type: application/json' "$BASE_URL/jobs/..%2Fweb"
say no part; ask -d '{"parts": ["nothing"]}' -H 'content-type: application/json' "$BASE_URL/jobs/graphs"
say too slow; ask -d '{"seconds": 0.5}' -H 'content-type: application/json' "$BASE_URL/jobs/bayes"
say broken; ask "$BASE_URL/broken"
say description; ask "$BASE_URL/openapi.json" | grep -o '"title":"Lab","version":"3.1"'; ask "$BASE_URL/docs" | grep -c swagger; ask "$BASE_URL/redoc" | grep -c redoc
say many at once; for i in 1 2 3 4 5 6; do curl -sS --noproxy '*' -o /dev/null -w '%{http_code}\n' -d '{"smiles": "CCO"}' -H 'content-type: application/json' "$BASE_URL/molecules/descriptors" & done | sort | uniq -c; wait
say a line by hand
printf 'GET / HTTP/9.9\r\n\r\n' | timeout 10 "$PYTHON" -c 'import socket, sys, os; s = socket.create_connection(("127.0.0.1", int(os.environ["BASE_URL"].rsplit(":", 1)[1]))); s.sendall(sys.stdin.buffer.read()); print(s.recv(200).split(b"\r\n")[0].decode())'
say the log; docker logs "$CONTAINER" 2>&1 | grep -oE 'KeyError: .nothing.|in broken|return \{"there".*|SMILES Parse Error: unclosed ring|Explicit valence for atom # 0 C|job graphs ended with 1' | sort | uniq -c
