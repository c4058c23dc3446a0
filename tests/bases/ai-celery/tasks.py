from celery import Celery

app = Celery("tasks", broker="memory://", backend="cache+memory://")


@app.task
def double(value: int) -> int:
    return 2 * value
