"""Later, by huey."""
import os

import huey.api

place = next(folder for folder in ("/var/lib/tides", "/tmp") if os.access(folder, os.W_OK))
kind = os.environ.get("TIDES_QUEUE", "SqliteHuey")
huey = getattr(__import__("huey"), kind)("tides", **({"filename": f"{place}/jobs.db"} if kind == "SqliteHuey" else {"path": f"{place}/jobs"} if kind == "FileHuey" else {}))


@huey.task(retries=1, retry_delay=1)
def measured(name, values):
    from importlib.metadata import entry_points

    import numpy as np

    return next(iter(entry_points(group="tides.measures", name=name))).load()(np.array(values, float))


@huey.periodic_task(__import__("huey").crontab(minute="*"))
def every_minute():
    print("tides: a minute", flush=True)


@huey.on_startup()
def started():
    print("tides: worker up", flush=True)


def later(body):
    return {"id": measured(body.get("name", "level"), body.get("values", [1, 2, 3])).id}, 202
