"""Smaller queues, within one process: Huey's and Dramatiq's."""


def run(which: str) -> list[str]:
    return {"huey": _huey, "dramatiq": _dramatiq}[which]()


def _huey() -> list[str]:
    import tempfile

    from huey import SqliteHuey, crontab

    with tempfile.TemporaryDirectory() as folder:
        queue = SqliteHuey("papers", filename=f"{folder}/huey.db", results=True)

        @queue.task(retries=1)
        def read(name: str) -> str:
            return name.upper()

        @queue.periodic_task(crontab(minute="0", hour="3"))
        def nightly() -> None:
            return None

        result = read("tea")
        consumer = queue.create_consumer(workers=1, worker_type="thread", periodic=False, initial_delay=0.05)
        consumer.start()
        said = result.get(blocking=True, timeout=20)
        consumer.stop(graceful=True)
        return [said]


def _dramatiq() -> list[str]:
    import dramatiq
    from dramatiq.brokers.stub import StubBroker
    from dramatiq.middleware import CurrentMessage
    from dramatiq.results import Results
    from dramatiq.results.backends.stub import StubBackend

    broker = StubBroker()
    broker.add_middleware(Results(backend=StubBackend()))
    broker.add_middleware(CurrentMessage())
    dramatiq.set_broker(broker)

    @dramatiq.actor(store_results=True, max_retries=0)
    def read(name: str) -> str:
        return name.upper()

    worker = dramatiq.Worker(broker, worker_timeout=50)
    worker.start()
    out = [read.send("milk").get_result(block=True, timeout=20_000)]
    pipe = (read.message("a") | read.message()).run()
    out.append(pipe.get_result(block=True, timeout=20_000))
    worker.stop()
    from dramatiq import brokers

    for name in ("redis", "rabbitmq"):
        try:
            __import__(f"{brokers.__name__}.{name}", fromlist=["x"])
            out.append(f"{name} there")
        except ImportError as error:
            out.append(f"{name}: {error}")
    return out
