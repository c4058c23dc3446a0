import os

bind = "0.0.0.0:8400"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = os.environ.get("WORKER_CLASS", "sync")
preload_app = os.environ.get("PRELOAD") == "1"
timeout = 120
graceful_timeout = 5
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
logger_class = os.environ.get("LOGGER_CLASS", "gunicorn.glogging.Logger")
certfile = os.environ.get("CERTFILE")
keyfile = os.environ.get("KEYFILE")
if os.environ.get("LOGGING"):
    import yaml

    with open(os.environ["LOGGING"], encoding="utf-8") as _file:
        logconfig_dict = yaml.safe_load(_file)


def worker_exit(server, worker):
    server.log.info("worker leaves")
