bind = "0.0.0.0:8950"
worker_class = "uvicorn_worker.UvicornWorker"
workers = 1
timeout = 180
