"""Start a worker, give it one task, print the answer."""

import getpass

from celery.contrib.testing.worker import start_worker
from tasks import app, double

with start_worker(app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
    print(double.delay(21).get(timeout=30), "as", getpass.getuser())
