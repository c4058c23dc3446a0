"""State between runs of `careen ci`: one file for each name, written atomically."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careen.errors import ConfigError
from careen.formats.json_document import Strict, parse
from careen.model.integration import Figure, KnownFinding
from careen.report.directory import write_report
from careen.tools.read_file import read_regular

NAME = "state.json"
FORMAT = "careen.ci-state"
VERSION = 1
MAX_STATE = 64 << 20
ADVICE = "name another place with cache in [ci] of careen.toml"
_READ = Strict(ConfigError, "state")
_WORDS = ("mode", "done", "place", "image", "configuration", "advisories", "result", "made")
Key = tuple[str, str, str]
_FINDING = ("id", "package", "name", "installed", "severity", "tier")


@dataclass(frozen=True, slots=True)
class Stored:
    """The last good run of a name.

    `done` says what was achieved. `place` is the fingerprint of where the image was, `image` and
    `result` are digests of configurations, `layers` those of the image's layers. `places` maps each
    name of the result to its digest there, `files` each file of the evidence to its SHA-256.
    `findings` are those that the next run compares with, None if they are not known. `fixable` is
    what the last scan knew a fix for: identifier, package and version. `milliseconds` is what the
    work took.
    """

    mode: str
    done: str
    place: str
    image: str
    layers: tuple[str, ...]
    configuration: str
    advisories: str
    result: str
    made: str
    places: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[KnownFinding, ...] | None = None
    fixable: frozenset[Key] | None = None
    figures: tuple[Figure, ...] = ()
    attested: tuple[str, ...] = ()
    milliseconds: int = 0


def write_state(folder: Path, stored: Stored) -> None:
    """Write the state of a name. Raises InputError."""
    write_report(folder, {NAME: state_document(stored)}, ADVICE)


def state_document(stored: Stored) -> bytes:
    """Return the document of a run, as `parse_state` reads it."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        **{key: getattr(stored, key) for key in _WORDS},
        "layers": list(stored.layers),
        "places": [[name, digest] for name, digest in stored.places.items()],
        "files": [[name, digest] for name, digest in sorted(stored.files.items())],
        "findings": None
        if stored.findings is None
        else [
            [*(getattr(each, key) for key in _FINDING), int(each.kev)] for each in stored.findings
        ],
        "fixable": None if stored.fixable is None else sorted(map(list, stored.fixable)),
        "figures": [[each.title, each.before, each.after, each.unit] for each in stored.figures],
        "attested": list(stored.attested),
        "milliseconds": stored.milliseconds,
    }
    return (json.dumps(document, separators=(",", ":")) + "\n").encode("ascii")


def read_state(folder: Path) -> Stored | None:
    """Return the state of a name, None before the first good run.

    Raises ConfigError for a damaged file.
    """
    path = folder / NAME
    if not os.path.lexists(path):
        return None
    return parse_state(read_regular(path, MAX_STATE), str(path))


def parse_state(data: bytes, name: str) -> Stored:
    """Return the run that a document describes. Raises ConfigError for a damaged one."""
    table = parse(data, name, ConfigError, limit=MAX_STATE)
    _READ.check_format(table, name, FORMAT, VERSION)
    members = {"format", "version", "layers", "places", "files", "findings", "fixable", "figures"}
    table = _READ.members(table, name, {*members, "attested", "milliseconds", *_WORDS})
    words = {key: _READ.text(table[key], name, key) for key in _WORDS}
    found, fixable = table["findings"], table["fixable"]
    return Stored(
        **words,
        layers=_READ.texts(table["layers"], name, "layers"),
        places=_pairs(table["places"], name, "places"),
        files=_pairs(table["files"], name, "files"),
        findings=None
        if found is None
        else tuple(
            _finding(item, f"{name}.findings[{i}]")
            for i, item in enumerate(_READ.items(found, name, "findings"))
        ),
        fixable=None
        if fixable is None
        else frozenset(
            _key(item, f"{name}.fixable[{i}]")
            for i, item in enumerate(_READ.items(fixable, name, "fixable"))
        ),
        figures=tuple(
            _figure(item, f"{name}.figures[{i}]")
            for i, item in enumerate(_READ.items(table["figures"], name, "figures"))
        ),
        attested=_READ.texts(table["attested"], name, "attested"),
        milliseconds=_READ.count(table["milliseconds"], name, "milliseconds"),
    )


def _pairs(value: Any, name: str, key: str) -> Mapping[str, str]:
    out: dict[str, str] = {}
    for i, item in enumerate(_READ.items(value, name, key)):
        one, two = _row(item, f"{name}.{key}[{i}]", 2)
        out[_READ.text(one, name, key)] = _READ.text(two, name, key)
    return out


def _finding(value: Any, place: str) -> KnownFinding:
    *texts, kev = _row(value, place, len(_FINDING) + 1)
    words = {key: _READ.text(text, place) for key, text in zip(_FINDING, texts, strict=True)}
    return KnownFinding(**words, kev=bool(_READ.count(kev, place)))


def _key(value: Any, place: str) -> Key:
    one, two, three = (_READ.text(each, place) for each in _row(value, place, 3))
    return one, two, three


def _figure(value: Any, place: str) -> Figure:
    title, before, after, unit = _row(value, place, 4)
    one, two = (None if each is None else _READ.count(each, place) for each in (before, after))
    return Figure(_READ.text(title, place), one, two, _READ.text(unit, place))


def _row(value: Any, place: str, length: int) -> list[Any]:
    parts = list(_READ.items(value, place))
    if len(parts) != length:
        msg = f"{place}: expected {length} values, got {len(parts)}"
        raise ConfigError(msg)
    return parts
