bind = "0.0.0.0:8900"
worker_class = "aiohttp.GunicornWebWorker"
workers = 1
timeout = 120


def worker_exit(server, worker):
    server.log.info("coder: worker over")


def on_reload(server):
    server.log.info("coder: reload")
