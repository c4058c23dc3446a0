# Sourced by cases: short ways to ask, and a sound. What a case writes here is gone when it ends.
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
get() { curl -sS --noproxy '*' -w ' %{http_code}\n' "$@"; }
sound() { docker exec "$CONTAINER" espeak-ng --stdout 'a cup of tea, please' > "${1:-$work/sound.wav}"; }
send() { get --data-binary "@$work/sound.wav" "$BASE_URL$1"; }
