# Sourced by cases: short ways to ask, and a service of one's own.
get() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@"; }
in_it() { docker exec -i "$CONTAINER" "$@" 2>&1; }
m() { in_it python manage.py "$@"; }
# begin NAME=VALUE … -- COMMAND …: start a container of one's own, its id is in $c
begin() {
  options=()
  while [ "$1" != -- ]; do options+=(-e "$1"); shift; done
  shift
  c=$(docker run -d "${options[@]}" "$IMAGE" "$@")
  trap 'docker rm -f "$c" > /dev/null' EXIT
}
# until_says TEXT: wait until the container of one's own has written it
until_says() { for _ in $(seq 240); do docker logs "$c" 2>&1 | grep -q -- "$1" && return; sleep 0.5; done; docker logs "$c" 2>&1 | tail -n 20; }
until_well() { for _ in $(seq 240); do docker exec "$c" curl -fsS http://127.0.0.1:8020/health > /dev/null 2>&1 && return; sleep 0.5; done; docker logs "$c" 2>&1 | tail -n 20; }
end() { docker rm -f "$c" > /dev/null; }
