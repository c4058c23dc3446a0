"""CVSS scores as a table: `cve,source,cvss_version,vector,score,severity`."""

import csv
from collections.abc import Iterator

from careen.advisories.cvss import read_vector
from careen.advisories.feeds.port import About, CveScore, Document, Head, Item, Refused
from careen.errors import InputError
from careen.model.findings.advisory import CvssScore, Severity
from careen.model.findings.severity import severity_of, severity_word

FEED = "cvss"
_COLUMNS = ["cve", "source", "cvss_version", "vector", "score", "severity"]
_HEADER = ",".join(_COLUMNS).encode()
_MOST = 10.0


class CvssTable:
    """Reader of the table."""

    single = False

    def recognises(self, head: Head) -> bool:
        """Return whether it starts with the header."""
        return head.data.startswith(_HEADER)

    def read(self, document: Document) -> Iterator[Item]:
        """Yield each score. Raises InputError if the header is wrong or a line is truncated."""
        rows = csv.reader(_lines(document))
        if next(rows, None) != _COLUMNS:
            msg = f"{document.name}: expected the header {_HEADER.decode()!r}"
            raise InputError(msg)
        for row in rows:
            yield _row(row, f"line {rows.line_num}")
        yield About(FEED)


def _lines(document: Document) -> Iterator[str]:
    """Yield the lines. Raises InputError if the last one has no line end."""
    for line in document.stream:
        if not line.endswith(b"\n"):
            msg = f"{document.name}: ends within a line: served half?"
            raise InputError(msg)
        yield line.decode("utf-8", "replace")


def _row(row: list[str], where: str) -> Item:
    if len(row) != len(_COLUMNS):
        return Refused(FEED, where, f"expected {len(_COLUMNS)} columns, got {len(row)}")
    cve, source, version, vector, number, word = row
    try:
        score = float(number) if number else None
    except ValueError:
        return Refused(FEED, where, f"score: expected a number, got {number!r}")
    if not cve.startswith("CVE-") or (score is not None and not 0 <= score <= _MOST):
        return Refused(
            FEED, where, f"expected a CVE and a score from 0 to 10, got {cve!r} and {number!r}"
        )
    if score is None and vector and (read := read_vector(vector)) is not None:
        score = read[1]
    severity = severity_word(word)
    return CveScore(
        cve,
        CvssScore(
            source,
            version,
            vector,
            score,
            severity if severity is not Severity.UNKNOWN else severity_of(score, version),
        ),
    )
