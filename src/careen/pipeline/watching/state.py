"""State between passes of `careen watch`: one file per image, written atomically."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.errors import ConfigError
from careen.formats.json_document import Strict, parse
from careen.model.failure import Failure
from careen.pipeline.watching.failure import failure_row, read_failure
from careen.report.directory import write_report
from careen.tools.read_file import read_file

FORMAT = "careen.watch-state"
VERSION = 1
SUFFIX = ".state.json"
MAX_STATE = 64 << 20
_READ = Strict(ConfigError, "state")
ADVICE = "name another place with --state"
_KEYS = (
    "upstream",
    "stamp",
    "configuration",
    "database",
    "result",
    "pushed",
    "registry_digest",
    "hardened",
)


@dataclass(frozen=True, slots=True)
class Upstream:
    """Current image of a source: its digest, and the stamp of a file.

    The stamp is size, time and inode when the digest was taken; "" if the source is no file.
    """

    digest: str
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """An open finding of the result; `waiting` has a fix and met no condition of `when`."""

    id: str
    package: str
    fixable: bool
    kev: bool
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Awaited:
    """Findings whose fix no source offered, and how often that was asked.

    The next question is at `until` (seconds since 1970), or never if it is 0.
    """

    identifiers: tuple[str, ...]
    times: int
    until: int


@dataclass(frozen=True, slots=True)
class ImageState:
    """What the last good pass found and made.

    `result` is the id in docker's store, "" before the first one. `pushed` is the id that was
    pushed, `registry_digest` its digest there.
    """

    tag: str
    upstream: Upstream = Upstream("")
    configuration: str = ""
    database: str = ""
    result: str = ""
    pushed: str = ""
    registry_digest: str = ""
    hardened: str = ""
    verdict: tuple[Known, ...] = ()
    failure: Failure | None = None
    awaited: Awaited | None = None


def state_name(key: str) -> str:
    """Return the name of an image's state file."""
    return key + SUFFIX


def write_state(directory: Path, key: str, state: ImageState) -> None:
    """Write the state of one image. Raises InputError."""
    write_report(directory, {state_name(key): _document(state)}, ADVICE)


def read_state(directory: Path, key: str, tag: str) -> ImageState:
    """Return the state of an image, or an empty one.

    Raises ConfigError for a damaged file.
    """
    path = directory / state_name(key)
    if not path.exists():
        return ImageState(tag)
    state = _read(read_file(path, MAX_STATE), str(path))
    if state.tag != tag:
        msg = f"{path}: is about {state.tag!r}, not about {tag!r}"
        raise ConfigError(msg)
    return state


def results_of(directory: Path) -> frozenset[str]:
    """Return the results in all states, also of images no longer in the list.

    Raises ConfigError for a damaged file.
    """
    states = (
        _read(read_file(path, MAX_STATE), str(path))
        for path in sorted(directory.glob(f"*{SUFFIX}"))
    )
    return frozenset(state.result for state in states if state.result)


def _document(state: ImageState) -> bytes:
    head: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "tag": state.tag,
        "upstream": state.upstream.digest,
        "stamp": state.upstream.stamp,
        "configuration": state.configuration,
        "database": state.database,
        "result": state.result,
        "pushed": state.pushed,
        "registry_digest": state.registry_digest,
        "hardened": state.hardened,
        "failure": failure_row(state.failure),
        "awaited": None
        if state.awaited is None
        else {name: getattr(state.awaited, name) for name in ("identifiers", "times", "until")},
        "verdict": [
            [
                known.id,
                known.package,
                *(int(mark) for mark in (known.fixable, known.kev, known.waiting)),
            ]
            for known in state.verdict
        ],
    }
    return (json.dumps(head, indent=1) + "\n").encode("ascii")


def _read(data: bytes, name: str) -> ImageState:
    document = parse(data, name, ConfigError, limit=MAX_STATE)
    _READ.check_format(document, name, FORMAT, VERSION)
    table = _READ.members(
        document, name, {"format", "version", "tag", "failure", "awaited", "verdict", *_KEYS}
    )
    words = {key: _READ.text(table[key], name, key) for key in ("tag", *_KEYS)}
    return ImageState(
        tag=words["tag"],
        upstream=Upstream(words["upstream"], words["stamp"]),
        configuration=words["configuration"],
        database=words["database"],
        result=words["result"],
        pushed=words["pushed"],
        registry_digest=words["registry_digest"],
        hardened=words["hardened"],
        verdict=tuple(
            _known(item, f"{name}.verdict[{i}]")
            for i, item in enumerate(_READ.items(table["verdict"], name, "verdict"))
        ),
        failure=read_failure(table["failure"], f"{name}.failure", _READ),
        awaited=None if table["awaited"] is None else _awaited(table["awaited"], f"{name}.awaited"),
    )


def _known(value: Any, place: str) -> Known:
    parts = _READ.items(value, place)
    if len(parts) != 5:  # noqa: PLR2004 — the fields of Known
        msg = f"{place}: expected 5 values, got {len(parts)}"
        raise ConfigError(msg)
    marks = tuple(bool(_READ.count(part, place)) for part in parts[2:])
    return Known(_READ.text(parts[0], place), _READ.text(parts[1], place), *marks)


def _awaited(value: Any, place: str) -> Awaited:
    table = _READ.members(value, place, {"identifiers", "times", "until"})
    return Awaited(
        _READ.texts(table["identifiers"], place, "identifiers"),
        _READ.count(table["times"], place, "times"),
        _READ.count(table["until"], place, "until"),
    )
