"""Celery's settings."""

import os

from papers.settings import settings

_queue = settings().state / "queue"
for _name in ("in", "control"):
    (_queue / _name).mkdir(parents=True, exist_ok=True)
broker_url = settings().broker
if broker_url.startswith("filesystem"):
    broker_transport_options = {"data_folder_in": str(_queue / "in"), "data_folder_out": str(_queue / "in"), "control_folder": str(_queue / "control")}
result_backend = os.environ.get("PAPERS_RESULTS", f"db+sqlite:///{settings().state}/results.db")
task_serializer = os.environ.get("PAPERS_SERIALIZER", "json")
result_serializer = task_serializer
accept_content = ["json", "pickle", "yaml", "msgpack"]
result_compression = os.environ.get("PAPERS_COMPRESSION") or None
timezone = "Europe/Oslo"
broker_connection_retry_on_startup = False
beat_schedule = {"sweep": {"task": "papers.jobs.work.sweep", "schedule": 1.0}}
