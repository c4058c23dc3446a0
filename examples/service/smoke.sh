#!/bin/sh
# The test that careen runs against the original and against the hardened image.
set -eu
curl -fsS "$BASE_URL/health" | grep -q ready
curl -fsS --data 'a b a' "$BASE_URL/count" | grep -q '"a": 2'
