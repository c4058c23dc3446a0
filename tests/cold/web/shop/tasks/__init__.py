"""Background jobs; the broker is a folder."""

import os

from celery import Celery

FOLDER = os.environ.get("QUEUE", "/var/lib/shop/queue")
app = Celery("shop", broker="filesystem://", backend=f"file://{FOLDER}/results", include=["shop.tasks.jobs"])
for name in ("in", "results", "control"):
    os.makedirs(f"{FOLDER}/{name}", exist_ok=True)
app.conf.update(
    broker_transport_options={"data_folder_in": f"{FOLDER}/in", "data_folder_out": f"{FOLDER}/in", "control_folder": f"{FOLDER}/control"},
    task_serializer=os.environ.get("SERIALIZER", "json"),
    broker_connection_retry_on_startup=True,
)
