"""The line that says what the caches of earlier runs saved."""

from collections.abc import Iterator

from careen.model.runs.reused import Reused
from careen.report.terminal_output.figures import counted, number, size


def saved_line(reused: Reused) -> str:
    """Return the line, or "" if nothing came from a cache."""
    parts = tuple(_parts(reused))
    return f"from the cache: {', '.join(parts)} (--no-cache reads all again)" if parts else ""


def _parts(reused: Reused) -> Iterator[str]:
    if reused.fetched:
        yield f"{size(reused.fetched)} not fetched"
    if reused.images:
        yield f"the contents of {counted(reused.images, 'image')}"
    if reused.plans:
        yield counted(reused.plans, "plan")
    if reused.layers:
        yield counted(reused.layers, "packed layer")
    if reused.answers:
        yield f"{number(reused.answers)} of {number(reused.asked)} answers about files"
