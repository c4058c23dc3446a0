"""The history of an image: one JSON line for each event, each with the digest of the line before.

A line that was changed or removed breaks the chain at the next one; the newest is not protected.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from careen.errors import ConfigError
from careen.evidence.directory.manifest import read_named
from careen.formats.json_document import Strict, parse_object
from careen.model.history import Event, History
from careen.model.rfc3339 import parse_time

FORMAT, VERSION = "careen.history", 1
KINDS = ("hardened", "attested", "promoted")
MAX_HISTORY = 64 << 20
_READ = Strict(ConfigError, "line")


def line_of(event: Event, before: bytes | None) -> bytes:
    """Return the line of an event with its end; `before` is the line before, None for the first."""
    previous = None if before is None else hashlib.sha256(before.rstrip(b"\n")).hexdigest()
    document = {"format": FORMAT, "version": VERSION, "previous": previous, **asdict(event)}
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def read_history(data: bytes, where: str) -> History:
    """Return the events of a file. Raises ConfigError that names `where` for another document."""
    *lines, rest = data.split(b"\n")
    events = tuple(_events(lines, where))
    return History(where, events, tuple(_broken(lines)), incomplete=bool(rest))


def _events(lines: Sequence[bytes], where: str) -> Iterator[Event]:
    for number, line in enumerate(lines, 1):
        place = f"{where}, line {number}"
        document = parse_object(line, place, ConfigError)
        try:
            _READ.check_format(document, "", FORMAT, VERSION)
            yield _event(document)
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{place}: not as careen writes it: {error!r}"
            raise ConfigError(msg) from error
        except ConfigError as error:
            msg = f"{place}: {error}"
            raise ConfigError(msg) from error


def _event(document: Any) -> Event:
    kind, time = (_READ.text(document[key], "", key) for key in ("kind", "time"))
    if kind not in KINDS:
        _READ.fail("kind", f"expected one of {', '.join(KINDS)}, got {kind!r:.40}")
    if parse_time(time) is None:
        _READ.fail("time", f"expected a time as 2026-01-31T12:00:00Z, got {time!r:.40}")
    return Event(
        kind,
        time,
        _READ.text(document["careen"], "", "careen"),
        read_named(document, "image"),
        read_named(document, "result"),
        tuple(_READ.text(each, "promoted") for each in document["promoted"]),
        _READ.text(document["manifest_sha256"], "", "manifest_sha256"),
        _READ.text(document["report"], "", "report"),
        *(
            _count(document[key], key)
            for key in ("size_before", "size_after", "findings_before", "findings_after")
        ),
    )


def _count(value: Any, key: str) -> int | None:
    if value is not None and (type(value) is not int or value < 0):
        raise _READ.wrong("", "a number", value, key)
    return value


def _broken(lines: Sequence[bytes]) -> Iterator[int]:
    before = None
    for number, line in enumerate(lines, 1):
        if json.loads(line).get("previous") != before:
            yield number
        before = hashlib.sha256(line).hexdigest()
