"""What `careen fleet index` has put into the store."""

from collections.abc import Iterator

from careen.model.fleet.indexed import Indexed
from careen.report.terminal_output.figures import counted, duration
from careen.report.terminal_output.screen import UNICODE, shown


def indexed_lines(done: Indexed, *, quiet: bool) -> Iterator[str]:
    """Yield the result in lines; `quiet` leaves only what was not indexed."""
    for each in done.refused:
        yield shown(f"not indexed: {each.problem}", UNICODE)
    for name in done.bare:
        yield shown(f"no evidence: {name}", UNICODE)
    if quiet:
        return
    yield shown(
        f"{counted(done.images, 'image')} indexed in {duration(done.seconds)},"
        f" {done.unchanged:,} unchanged, {len(done.refused):,} not read",
        UNICODE,
    )
    if done.scanned:
        yield f"{counted(done.scanned, 'image')} scanned, as no SBOM of them is attested"
    if done.signer:
        scans = ", and the scans of this run" if done.scanned else ""
        yield shown(
            f"signed by {done.signer}: all that was read; not checked: what the store had"
            f" before{scans}",
            UNICODE,
        )
    if done.running:
        yield f"{counted(done.running, 'container')} run in clusters"
    yield shown(f"store: {done.store}, {counted(done.fleet, 'image')}", UNICODE)
