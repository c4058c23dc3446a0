"""EPSS scores, as published by FIRST.

A line `#model_version:…,score_date:…`, then `cve,epss,percentile`.
"""

import re
from collections.abc import Iterator

from careen.advisories.feeds.port import About, Document, Head, Item, Refused
from careen.errors import InputError
from careen.model.findings.advisory import EpssScore

FEED = "epss"
_DATE = re.compile(r"score_date:(\d{4}-\d\d-\d\d)")
_COLUMNS = "cve,epss,percentile"
_LONGEST = 400


class Epss:
    """Reader of the scores."""

    single = False

    def recognises(self, head: Head) -> bool:
        """Return whether it starts with the model's comment or the header."""
        return head.data.startswith((b"#model_version:", b"cve,epss,percentile"))

    def read(self, document: Document) -> Iterator[Item]:
        """Yield each score. Raises InputError if the header is missing or a line is truncated."""
        date, line = "", _line(document)
        if line.startswith("#"):
            found = _DATE.search(line)
            date, line = (found[1] if found else ""), _line(document)
        if line.strip() != _COLUMNS:
            msg = f"{document.name}: expected the header {_COLUMNS!r}, got {line.strip()[:80]!r}"
            raise InputError(msg)
        number = 2
        while line := _line(document):
            number += 1
            parts = line.rstrip("\r\n").split(",")
            if not line.endswith("\n"):
                msg = f"{document.name}:{number}: ends within a line: served half?"
                raise InputError(msg)
            yield _score(parts, date, f"line {number}")
        yield About(FEED, date=date)


def _line(document: Document) -> str:
    return document.stream.readline(_LONGEST).decode("ascii", "replace")


def _score(parts: list[str], date: str, where: str) -> Item:
    try:
        cve, score, percentile = parts
        read = EpssScore(cve, float(score), float(percentile), date)
    except ValueError:
        return Refused(FEED, where, f"expected cve,epss,percentile, got {','.join(parts)[:80]!r}")
    if not (cve.startswith("CVE-") and 0 <= read.score <= 1 and 0 <= read.percentile <= 1):
        return Refused(
            FEED, where, f"expected a CVE and two numbers from 0 to 1, got {','.join(parts)[:80]!r}"
        )
    return read
