# What is known of the service when it is hardened: that it is well, and that it goes on with a text.
set -e
curl -sSf --noproxy '*' "$BASE_URL/health" | grep -q true
curl -sSf --noproxy '*' -H 'content-type: application/json' -d '{"prompt": "There is tea"}' "$BASE_URL/generate" | grep -q text
