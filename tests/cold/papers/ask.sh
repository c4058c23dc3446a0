# Read in by the cases: what they say to the service.
ask() { curl -sS --noproxy '*' -m 170 -w ' %{http_code}\n' "$@"; }
samples() { for pair in "$@"; do echo "$pair"; ask "$BASE_URL/samples/${pair%%:*}?reader=${pair#*:}&length=${LENGTH:-300}"; done; }
each() { for name in "${@:2}"; do samples "$name:$1"; done; }
task() { echo "$1 $2"; if [ $# -gt 1 ]; then ask -d "$2" "$BASE_URL/tasks/$1"; else ask -X POST "$BASE_URL/tasks/$1"; fi; }
notes() {
  ask -o /dev/null -X DELETE "$BASE_URL/documents/notes.txt"
  ask -o /dev/null -H 'content-type: text/plain' --data-binary $'A cup of tea for the family.\n\nA glass of milk.\n\nAll the papers on tea and cups' "$BASE_URL/documents?name=notes.txt"
}
found() { notes; for index in "$@"; do echo "$index"; ask "$BASE_URL/search?q=cup+of+tea&index=$index"; done; ask -o /dev/null -X DELETE "$BASE_URL/documents/notes.txt"; }
