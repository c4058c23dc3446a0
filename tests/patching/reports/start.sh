#!/bin/sh
# Three processes in one container.
/opt/sums/bin/gunicorn --timeout 120 --chdir /srv/sums --worker-class uvicorn.workers.UvicornWorker --bind 127.0.0.1:8001 sums:app &
java -jar /srv/print/print.jar &
exec node /srv/desk/server.js
