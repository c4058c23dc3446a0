#!/bin/sh
# What the service must do, asked from outside. BASE_URL is where its desk is.
set -eu
ask() { curl -fsS --max-time 20 --retry 15 --retry-delay 1 --retry-all-errors "$BASE_URL$1"; }
[ "$(ask /pick)" = '[1,2]' ]
[ "$(ask /id)" = '21' ]
[ "$(ask /local)" = 'true' ]
[ "$(ask /style)" = 'a' ]
[ "$(ask /archive)" = 'kept false' ]
[ "$(ask '/sum?values=1,2,3')" = '{"sum":6}' ]
[ "$(ask /upload)" = '{"name":"march","rows":2}' ]
[ "$(ask /pdf)" = 'Report of March' ]
[ "$(ask /tools)" = "report.example. it\\'s &lt;a&gt; run 3 Path" ]
[ "$(ask /print)" = '["March","application/pdf",{"log":true}]' ]
[ "$(ask /live)" = 'live' ]
