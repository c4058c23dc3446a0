"""How the service is served."""

import os

bind = "0.0.0.0:8600"
worker_class = os.environ.get("PAPERS_WORKER", "uvicorn.workers.UvicornWorker")
workers = int(os.environ.get("PAPERS_WORKERS", "1"))
timeout = 120
graceful_timeout = 5
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
accesslog = os.environ.get("PAPERS_ACCESS")
