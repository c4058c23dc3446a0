import os

bind = "0.0.0.0:8900"
chdir = "/srv/desk/app"
worker_class = os.environ.get("DESK_WORKER", "sync")
workers = 1
threads = int(os.environ.get("DESK_THREADS", "1"))
timeout = 120
graceful_timeout = 5
accesslog = os.environ.get("DESK_ACCESS")
if os.environ.get("DESK_LOGGING"):
    import yaml

    with open(os.environ["DESK_LOGGING"]) as stream:
        logconfig_dict = yaml.safe_load(stream)


def when_ready(server):
    server.log.info("the desk is open")
