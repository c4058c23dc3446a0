# Sourced by cases: short ways to ask, and a sound.
get() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@"; }
sound() { docker exec "$CONTAINER" espeak-ng --stdout 'a cup of tea, please' > "${1:-/tmp/radio-$$.wav}"; }
send() { get --data-binary "@/tmp/radio-$$.wav" "$BASE_URL$1"; }
