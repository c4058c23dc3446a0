#!/bin/sh
# Three processes in one container, as small shops have it.
/opt/prices/bin/gunicorn --timeout 120 --chdir /srv/prices --bind 127.0.0.1:8001 prices:app &
java -cp '/srv/labels/labels.jar:/srv/labels/lib/*' Labels &
exec node /srv/front/server.js
