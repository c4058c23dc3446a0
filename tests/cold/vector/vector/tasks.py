"""Work in the background: by celery, by rq."""

from celery import Celery

from vector.settings import BROKER

app = Celery("vector", broker=BROKER)
app.conf.update(task_serializer="json", result_backend="cache+memory://" if BROKER.startswith("memory") else None, broker_connection_retry_on_startup=False, broker_connection_max_retries=1)


@app.task
def take(name: str, text: str, store: str = "sqlite") -> int:
    import importlib

    from vector.splitters import split

    parts = split(text)
    importlib.import_module(f"vector.stores.{store}").add(name, parts)
    return len(parts)
