"""Predictions that are made later, by a worker: two kinds of queues over Redis."""

import dramatiq
from arq.connections import RedisSettings
from arq.cron import cron
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import CurrentMessage
from dramatiq.rate_limits import ConcurrentRateLimiter
from dramatiq.rate_limits.backends import RedisBackend as Limits
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

from predictor import engines
from predictor.settings import settings

URL = str(settings().redis_url)
broker = RedisBroker(url=URL)
broker.add_middleware(Results(backend=RedisBackend(url=URL)))
broker.add_middleware(CurrentMessage())
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True, max_retries=1, min_backoff=100, max_backoff=200)
def later(model: str, rows: list) -> list:
    with ConcurrentRateLimiter(Limits(url=URL), "later", limit=2).acquire():
        return engines.get(model)(rows).tolist()


@dramatiq.actor(store_results=True)
def total(values: list) -> float:
    return float(sum(sum(value) if isinstance(value, list) else value for value in values))


async def predict(context: dict, model: str, rows: list) -> list:
    return engines.get(model)(rows).tolist()


async def heartbeat(context: dict) -> None:
    await context["redis"].set("heartbeat", "1")


class Worker:
    """What `arq` is told."""

    functions = [predict]
    cron_jobs = [cron(heartbeat, second=set(range(60)))]
    redis_settings = RedisSettings.from_dsn(URL)
    keep_result = 60
    max_tries = 2
