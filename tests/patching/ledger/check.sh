#!/bin/sh
# What the ledger must do, asked from outside. BASE_URL is where its front is.
set -eu
ask() { curl -fsS --max-time 20 --retry 15 --retry-delay 1 --retry-all-errors "$BASE_URL$1"; }
[ "$(ask '/entry?amount=5')" = '{"amount":5}' ]
[ "$(ask /store)" = '1 2 3' ]
[ "$(ask /sign)" = 'signed' ]
[ "$(ask /read)" = 'Balance' ]
[ "$(ask /tools)" = 'PRI 0 A pyformat True' ]
curl -fsS --max-time 20 -D - -o /dev/null -H 'Origin: https://ledger.example' "$BASE_URL/store" | grep -qi '^access-control-allow-origin: https://ledger.example'
ask '/socket.io/?EIO=4&transport=polling' | grep -q '"upgrades"'
[ "$(ask /vault/total)" = '7' ]
[ "$(ask /vault/pack)" = 'name=entry' ]
[ "$(ask /vault/formats)" = 'a b 3 5' ]
[ "$(printf 12345 | curl -fsS --max-time 20 -F 'file=@-;filename=five' "$BASE_URL/vault/upload")" = '12345' ]
