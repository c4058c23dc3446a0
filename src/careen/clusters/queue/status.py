"""What waits, runs and failed in the queue."""

from dataclasses import dataclass

from careen.clusters.queue.app import QUEUE, connected, procrastinate

STATES = ("todo", "doing", "succeeded", "failed")


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """Number of images by state, and the tags of those that run and of those that failed last."""

    counts: dict[str, int]
    running: tuple[str, ...]
    failed: tuple[str, ...]


def queue_status(url: str) -> QueueStatus:
    """Return the state of the queue; an image that failed and is queued again counts as waiting.

    Raises InputError for the URL, ToolError if the database cannot be used.
    """
    library = procrastinate()
    with connected(url, "reading its state"):
        app = library.App(connector=library.SyncPsycopgConnector(conninfo=url))
        with app.open():
            jobs = sorted(app.job_manager.list_jobs(queue=QUEUE), key=lambda job: job.id)
    last = {str(job.task_kwargs.get("tag", "")): job.status for job in jobs}
    counts = {state: sum(status == state for status in last.values()) for state in STATES}
    return QueueStatus(
        counts,
        tuple(sorted(tag for tag, status in last.items() if status == "doing")),
        tuple(sorted(tag for tag, status in last.items() if status == "failed")),
    )


def prometheus(status: QueueStatus) -> str:
    """Return the numbers as Prometheus text."""
    lines = [
        "# HELP careen_fleet_images Images of the queue by the state of their last job.",
        "# TYPE careen_fleet_images gauge",
        *(f'careen_fleet_images{{state="{key}"}} {n}' for key, n in status.counts.items()),
    ]
    return "\n".join(lines) + "\n"
