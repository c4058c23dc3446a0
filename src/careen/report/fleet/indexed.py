"""What `careen fleet index` has put into the store."""

from collections.abc import Iterator

from careen.model.fleet.indexed import Indexed
from careen.report.terminal_output.figures import counted, duration
from careen.report.terminal_output.screen import UNICODE, shown


def indexed_lines(done: Indexed, *, quiet: bool) -> Iterator[str]:
    """Yield the result in lines; `quiet` leaves only what was not indexed."""
    for each in done.refused:
        yield shown(f"not indexed: {each.problem}", UNICODE)
    if quiet:
        return
    yield shown(
        f"{counted(done.images, 'image')} indexed in {duration(done.seconds)},"
        f" {done.unchanged:,} unchanged, {len(done.refused):,} not read",
        UNICODE,
    )
    if done.running:
        yield f"{counted(done.running, 'container')} run in clusters"
    yield shown(f"store: {done.store}, {counted(done.fleet, 'image')}", UNICODE)
