"""Jobs: a broker by the setting, and what it runs."""

from typing import Any

from taskiq import SimpleRetryMiddleware, TaskiqEvents, TaskiqScheduler, TaskiqState
from taskiq.schedule_sources import LabelScheduleSource

from relay.settings import settings


def _broker() -> Any:
    if settings.get("broker", "zmq") == "zmq":
        from taskiq import ZeroMQBroker

        return ZeroMQBroker(settings.get("queue", "tcp://127.0.0.1:5599"), settings.get("queue", "tcp://127.0.0.1:5599"))
    from taskiq import InMemoryBroker

    return InMemoryBroker()


broker = _broker().with_middlewares(SimpleRetryMiddleware(default_retry_count=1))
if kind := settings.get("serializer"):
    import taskiq.serializers

    broker = broker.with_serializer(getattr(taskiq.serializers, kind)())
scheduler = TaskiqScheduler(broker, [LabelScheduleSource(broker)])


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def started(state: TaskiqState) -> None:
    print("worker is up", flush=True)


@broker.task(schedule=[{"cron": "* * * * *", "args": ["on time"]}])
async def note(text: str) -> str:
    print(f"noted {text}", flush=True)
    return text


@broker.task(retry_on_error=True, max_retries=2)
async def broken(text: str) -> str:
    print(f"breaking {text}", flush=True)
    raise RuntimeError(text)
