import os

bind = "0.0.0.0:" + os.environ.get("PORT", "8800")
worker_class = os.environ.get("WORKER_CLASS", "uvicorn.workers.UvicornWorker")
workers = int(os.environ.get("WORKERS", "1"))
preload_app = bool(os.environ.get("PRELOAD"))
accesslog = os.environ.get("ACCESS_LOG")
logger_class = os.environ.get("LOGGER_CLASS", "gunicorn.glogging.Logger")
statsd_host = os.environ.get("STATSD")
graceful_timeout = 5
worker_tmp_dir = "/dev/shm"


def post_worker_init(worker):
    worker.log.info("worker is there")


def child_exit(server, worker):
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
