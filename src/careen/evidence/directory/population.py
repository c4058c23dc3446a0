"""The population of SOC 2: every event of an image's history as a row, in order of time."""

from collections.abc import Iterable, Iterator

from careen.formats.csv_text import csv_bytes
from careen.model.history import Event, History

SOC2 = "soc2"
FILE = "soc2-population.csv"
COLUMNS = (
    *("time", "event", "careen", "image", "image digest", "result", "result digest", "promoted as"),
    *("bytes before", "bytes after", "findings before", "findings after", "report"),
    *("manifest SHA-256", "history", "line", "chain"),
)
_UNKNOWN = "unknown"


def population_csv(histories: Iterable[History]) -> bytes:
    """Return the table; `chain` says whether a line follows the one before as it was written."""
    rows = [row for history in histories for row in _rows(history)]
    return csv_bytes(COLUMNS, sorted(rows))


def _rows(history: History) -> Iterator[tuple[str, ...]]:
    for line, event in enumerate(history.events, 1):
        chain = "broken" if line in history.broken else "intact"
        yield (*_cells(event), history.file, str(line), chain)


def _cells(event: Event) -> Iterator[str]:
    yield from (event.time, event.kind, event.careen)
    for named in (event.image, event.result):
        yield from (named.reference, named.digest)
    yield ", ".join(event.promoted)
    counts = (event.size_before, event.size_after, event.findings_before, event.findings_after)
    for count in counts:
        yield _UNKNOWN if count is None else str(count)
    yield from (event.report, event.manifest_sha256)
