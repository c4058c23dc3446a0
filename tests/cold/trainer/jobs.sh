# jobs.sh AREA/JOB [BODY] ...: each job of the running service in turn, its answer and its status.
while [ $# -gt 0 ]; do
  body='{}'; name=$1; shift
  case "$1" in "{"*) body=$1; shift ;; esac
  curl -sS --noproxy '*' -w '%{http_code}\n' -d "$body" "$BASE_URL/do/$name"
done
