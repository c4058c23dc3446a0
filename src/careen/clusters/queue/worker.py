"""A worker: takes one image after the other from the queue."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from careen.clusters.queue.app import QUEUE, connected, procrastinate, queue_app

if TYPE_CHECKING:
    from procrastinate import App

HEARTBEAT = 10.0
"""Seconds between two signs of life; a worker without one for three of them is dead."""

_LOOK = 15.0  # seconds between two looks for jobs of dead workers


def work(url: str, perform: Callable[[str, str], int], *, once: bool, name: str) -> None:
    """Take images until SIGTERM or SIGINT; with `once` until none waits.

    A signal lets the image of the moment end. Jobs of a worker that died are queued again. Raises
    InputError for the URL, ToolError if the database cannot be used.
    """

    async def run() -> None:
        app = queue_app(procrastinate().PsycopgConnector(conninfo=url), perform)
        async with app.open_async():
            await _take_over(app)
            looking = asyncio.create_task(_keep_looking(app))
            try:
                await app.run_worker_async(
                    queues=[QUEUE],
                    name=name,
                    concurrency=1,
                    wait=not once,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=3 * HEARTBEAT,
                )
            finally:
                looking.cancel()

    with connected(url, "working"):
        asyncio.run(run())


async def _keep_looking(app: "App") -> None:
    while True:
        await asyncio.sleep(_LOOK)
        # The database may be away for a while; the worker goes on when it comes back.
        with contextlib.suppress(procrastinate().exceptions.ConnectorException):
            await _take_over(app)


async def _take_over(app: "App") -> None:
    """Queue the jobs again whose worker gave no sign of life."""
    manager = app.job_manager
    stalled = [*await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=3 * HEARTBEAT)]
    for job in stalled:
        # Another worker may have been faster.
        with contextlib.suppress(procrastinate().exceptions.ProcrastinateException):
            await manager.retry_job(job)
