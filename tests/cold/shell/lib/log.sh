info() { echo "$(date -u +%FT%TZ) $*"; }
die() { echo "error: $*" >&2; logger -s -t worker "$*" 2>/dev/null || true; exit 64; }
