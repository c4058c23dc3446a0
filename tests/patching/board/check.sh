#!/bin/sh
# What the board must do, asked from outside. BASE_URL is where its front is.
set -eu
ask() { curl -fsS --max-time 20 --retry 15 --retry-delay 1 --retry-all-errors "$BASE_URL$1"; }
post() { ask "/posts?path=$1"; }
[ "$(ask /clean)" = '<b>hello</b>' ]
[ "$(ask /day)" = '2 April 2022' ]
[ "$(ask /formats)" = '1 2 3 4' ]
[ "$(ask /words)" = 'one two/three true b' ]
[ "$(ask /sum)" = '6' ]
[ "$(ask /mail)" = 'hello' ]
[ "$(ask /live)" = 'live' ]
[ "$(printf 12345 | curl -fsS --max-time 20 -F 'file=@-;filename=five' "$BASE_URL/upload")" = 'five 5' ]
[ "$(post '/page?title=A%26B')" = '<h1>A</h1><p>one two …</p><p>four</p>' ]
[ "$(post /text)" = '<p><strong>bold</strong></p><p><em>soft</em></p>' ]
[ "$(post '/check?title=short')" = '{"valid":true,"author":"A"}' ]
[ "$(post /sign)" = 'one two' ]
[ "$(post /keys)" = 'ssh-rsa 2048 OK' ]
[ "$(post /data)" = '1 2 A' ]
