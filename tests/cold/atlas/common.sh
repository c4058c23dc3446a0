# Sourced by cases: a few statements, and short ways to ask.
TTL='@prefix foaf: <http://xmlns.com/foaf/0.1/> . <urn:a> a foaf:Person ; foaf:name "Anna"@de ; foaf:age 200 ; foaf:knows <urn:b> . <urn:b> a foaf:Person ; foaf:name "Bert" .'
get() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@"; }
task() { local name=$1; shift; get "$BASE_URL/task/$name" "$@" | cut -c 1-400; }
load() { printf %s "$TTL" | get --data-binary @- "$BASE_URL/load"; }
ready() { for _ in $(seq 90); do docker exec "$1" curl -fsS http://127.0.0.1:6543/health >/dev/null 2>&1 && return; sleep 1; done; docker logs "$1" | tail -n 3; }
