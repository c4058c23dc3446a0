#!/bin/sh
# What the shop must do, asked from outside. BASE_URL is where its front is.
set -eu
ask() { curl -fsS --max-time 20 --retry 15 --retry-delay 1 --retry-all-errors "$BASE_URL$1"; }
[ "$(ask /order)" = '<li>&lt;ink&gt;</li><li>pen</li>' ]
[ "$(ask '/mail?name=Ann')" = 'Dear Ann, 3 things are on their way.' ]
ask /note | grep -q '<strong>soon</strong>'
[ "$(ask /token)" = 'me' ]
[ "$(ask /day)" = '2 March 2022' ]
[ "$(ask /formats)" = '1 2 1.3.0 basket=7' ]
ask '/price?name=ink' | grep -q '"shown":"€7.25"'
[ "$(ask '/label?name=A%26B')" = 'To: A&amp;B' ]
[ "$(ask /live)" = 'live' ]
[ "$(ask /parts)" = 'nib 1 me SELECT 1 FROM parts mako 30' ]
