"""Reader of the events of `careen guard`, for the paths of the image that they name."""

import json
from pathlib import Path
from typing import Any

from careen.errors import ConfigError, ImageError
from careen.model.paths import ROOT, ImagePath, image_path
from careen.model.runs.drift import DriftKind, Missed
from careen.tools.read_file import read_file

MAX_EVENTS = 64 << 20
FORMAT, VERSION = "careen.guard", 1
_OF_PATHS = frozenset(
    {DriftKind.EXECUTABLE.value, DriftKind.LIBRARY.value, DriftKind.REMOVED.value}
)
_LONGEST = 200  # characters of a name that a reason repeats


def read_events(file: Path) -> tuple[Missed, ...]:
    """Return the paths of the image that a file of events names, each once, in their order.

    Events of endpoints and system calls, of changed files, and of files that the image
    does not have, name none.
    Raises ConfigError with file and line for a line that is no event, a version that careen does
    not know, and a file over 64 MiB.
    """
    found: dict[ImagePath, Missed] = {}
    for number, line in enumerate(read_file(file, MAX_EVENTS).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            missed = _missed(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError, ImageError) as error:
            msg = (
                f"{file}:{number}: is no event of `careen guard` ({_said(error)}): give what"
                " `careen guard -o FILE` wrote"
            )
            raise ConfigError(msg) from error
        if missed is not None:
            found.setdefault(missed.path, missed)
    return tuple(found.values())


def _said(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error)


def _missed(event: Any) -> Missed | None:
    if (event["format"], event["version"]) != (FORMAT, VERSION):
        found = f"{_short(event['format'])} {_short(event['version'])}"
        msg = f"expected {FORMAT} {VERSION}, found {found}"
        raise ValueError(msg)
    if event["event"] != "deviation" or event["kind"] not in _OF_PATHS or not event["in_image"]:
        return None
    program, use, when = str(event["program"]), str(event["use"]), str(event["time"])
    by = f" by {program[:_LONGEST]}" if program else ""
    verb = "missed" if event["kind"] == DriftKind.REMOVED.value else use
    why = f"{verb}{by} in container {str(event['container'])[:_LONGEST]} at {when}"
    path = image_path(event["subject"], "subject")
    if path == ROOT:
        msg = "the subject is the root, which would keep the whole image"
        raise ValueError(msg)
    return Missed(path, why, str(event["profiled"]))


def _short(value: Any) -> str:
    return repr(value)[:_LONGEST]
