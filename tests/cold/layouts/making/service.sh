#!/bin/sh
# The service's own environment, over what the distribution has.
set -ex
python3 -m venv --system-site-packages /srv/desk/.venv
/srv/desk/.venv/bin/pip install flask gunicorn gevent uvicorn uvicorn-worker a2wsgi pluggy stevedore python-json-logger celery 'sqlalchemy>=2' aiosqlite alembic honcho pastedeploy \
  boltons arrow humanize python-slugify dill cloudpickle cffi certifi httpx /usr/src/parts
# the builder's own is not in the image
/srv/desk/.venv/bin/pip install --ignore-installed packaging
