"""The queue, in a folder."""

import os
from pathlib import Path

from celery import Celery

folder = Path(os.environ.get("DESK_QUEUE", "/tmp/desk-queue"))
(folder / "queue").mkdir(parents=True, exist_ok=True)
(folder / "results").mkdir(exist_ok=True)
queue = Celery("desk")
queue.config_from_object("desk.queue_settings")
queue.conf.update(
    broker_url="filesystem://",
    broker_transport_options={"data_folder_in": str(folder / "queue"), "data_folder_out": str(folder / "queue"), "control_folder": str(folder / "control")},
    result_backend=f"file://{folder}/results",
)
queue.autodiscover_tasks(["desk.tasks"], related_name="words")
queue.autodiscover_tasks(["desk"], related_name="bells")
