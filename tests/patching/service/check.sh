#!/bin/sh
# What the service must do, asked from outside. BASE_URL is where it is.
set -eu
ask() { curl -fsS --max-time 20 "$BASE_URL$1"; }
[ "$(ask '/page?name=%3Cb%3E')" = '<h1>Hello &lt;b&gt;</h1>' ]
ask /thumbnail | od -An -c -N4 | grep -q 'P   N   G'
[ "$(ask /self)" = 'ok ok' ]
[ "$(ask '/sign?text=hello')" = 'hello' ]
ask /model | grep -q '"hidden_size": 8'
