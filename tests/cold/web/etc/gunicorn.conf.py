import os

bind = "0.0.0.0:8000"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = os.environ.get("WORKER_CLASS", "sync")
timeout = 60
graceful_timeout = 5
accesslog = "-"
