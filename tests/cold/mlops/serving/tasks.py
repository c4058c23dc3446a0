"""Work that is done later: a broker of files, results in a database."""

import os
from pathlib import Path

from celery import Celery, chord
from celery.utils.log import get_task_logger

STATE = Path(os.environ.get("TASKS_STATE", "/tmp/tasks"))
for folder in ("queue", "control"):
    (STATE / folder).mkdir(parents=True, exist_ok=True)
app = Celery("serving")
app.conf.update(
    broker_url=os.environ.get("TASKS_BROKER", "filesystem://"),
    broker_transport_options={"data_folder_in": str(STATE / "queue"), "data_folder_out": str(STATE / "queue"), "control_folder": str(STATE / "control")}
    if "TASKS_BROKER" not in os.environ
    else {},
    result_backend=f"db+sqlite:///{STATE}/results.db",
    broker_connection_retry_on_startup=True,
    accept_content=["json", "pickle", "yaml", "msgpack"],
    result_extended=True,
    beat_schedule={"often": {"task": "serving.tasks.count", "schedule": 1.0, "args": ("basic",)}},
    beat_schedule_filename=str(STATE / "beat"),
)
log = get_task_logger(__name__)


@app.task
def score(rows: list[dict]) -> list[float]:
    import mlflow
    import pandas as pd

    return [float(value) for value in mlflow.pyfunc.load_model("models:/churn@champion").predict(pd.DataFrame(rows))]


@app.task
def count(word: str) -> int:
    log.warning("counting %s", word)
    return len(word)


@app.task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@app.task
def divide(first: int, second: int) -> float:
    return first / second


@app.task(bind=True, max_retries=2, default_retry_delay=0)
def stubborn(self) -> int:
    if self.request.retries < 2:
        raise self.retry(exc=RuntimeError("not yet"))
    return self.request.retries


def counted(words: list[str]):
    return chord(count.s(word) for word in words)(total.s())
