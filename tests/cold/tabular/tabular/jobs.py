"""Jobs of a worker: the broker is a folder."""
import os

from celery import Celery

QUEUE = "/var/lib/tabular/queue"
app = Celery("tabular", broker=os.environ.get("BROKER", "filesystem://"), backend=os.environ.get("BACKEND", f"file://{QUEUE}/results"))
app.conf.update(
    broker_transport_options={"data_folder_in": f"{QUEUE}/in", "data_folder_out": f"{QUEUE}/in", "data_folder_processed": f"{QUEUE}/done", "control_folder": f"{QUEUE}/control"},
    task_serializer=os.environ.get("SERIALIZER", "json"),
    accept_content=["json", "pickle", "yaml", "msgpack"],
    timezone="Asia/Kathmandu",
    beat_schedule={"nightly": {"task": "tabular.jobs.score", "schedule": 3600.0, "args": ("forest",)}},
)
for name in ("in", "done", "control", "results"):
    try:
        os.makedirs(f"{QUEUE}/{name}", exist_ok=True)
    except OSError:
        pass


@app.task
def score(model):
    from tabular.models import predict

    return predict(model, [[0.1, 0.2, 0.3, 0.4]])


@app.task(bind=True, max_retries=1)
def broken(self):
    raise ArithmeticError("no such sum")
