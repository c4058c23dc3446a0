#!/bin/sh
# Two processes in one container.
GIT_PYTHON_REFRESH=quiet python3 /srv/post/post.py &
exec node /srv/live/server.js
