"""State between passes of `careen base refresh`: one file per image, written whole."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.catalog.lock_file import parsed, written
from careen.errors import ConfigError
from careen.formats.json_document import Strict, parse
from careen.model.catalog.refresh import (
    BaseEvent,
    BaseState,
    OpenFinding,
    PackageStep,
)
from careen.oci.documents import dump_json
from careen.pipeline.watching.failure import failure_row, read_failure
from careen.report.directory import write_report
from careen.tools.read_file import read_file

FORMAT = "careen.base-state"
VERSION = 1
SUFFIX = ".base.json"
MAX_STATE = 64 << 20
MAX_EVENTS = 500
ADVICE = "name another place with --state"
_OTHER = re.compile(r"[^a-z0-9.-]+")
_READ = Strict(ConfigError, "state")
_WORDS = ("entry", "variant", "definition", "judged_by", "digest", "served")
_KEYS = {"format", "version", *_WORDS, "names", "lock", "findings", "events", "setback"}
_EVENT = {"date", "kind", "digest", "tags", "size", "packages", "severities", "fixable"} | {
    "changed",
    "closed",
    "new",
}


def key_of(entry: str, variant: str) -> str:
    """Return the name of an image's files in the state directory, without an ending."""
    return f"{_OTHER.sub('_', entry)}.{variant}"


@dataclass(frozen=True, slots=True)
class StateFile:
    """The state of one image in a directory."""

    directory: Path
    entry: str
    variant: str

    @property
    def key(self) -> str:
        return key_of(self.entry, self.variant)

    def read(self) -> BaseState:
        """Return the state, or an empty one. Raises ConfigError for a damaged file."""
        path = self.directory / f"{self.key}{SUFFIX}"
        if not path.exists():
            return BaseState(self.entry, self.variant)
        try:
            state = read_state(path)
        except ConfigError as error:
            msg = f"{error}; remove the file, and the image is built again"
            raise ConfigError(msg) from error
        if (state.entry, state.variant) != (self.entry, self.variant):
            msg = f"{path}: is about {state.entry}, {state.variant}; {ADVICE}"
            raise ConfigError(msg)
        return state

    def write(self, state: BaseState) -> None:
        """Write the state. Raises InputError."""
        write_report(self.directory, {f"{self.key}{SUFFIX}": _document(state)}, ADVICE)


def read_state(path: Path) -> BaseState:
    """Return the state in a file. Raises ConfigError."""
    name = str(path)
    document = parse(read_file(path, MAX_STATE), name, ConfigError, limit=MAX_STATE)
    _READ.check_format(document, name, FORMAT, VERSION)
    table = _READ.members(document, name, _KEYS)
    lock, findings = table["lock"], table["findings"]
    return BaseState(
        **{key: _READ.text(table[key], name, key) for key in _WORDS},
        names=_READ.texts(table["names"], name, "names"),
        lock=None if lock is None else parsed(dump_json(lock), f"{name}.lock"),
        findings=None if findings is None else _findings(findings, f"{name}.findings"),
        events=tuple(
            _event(each, f"{name}.events[{i}]")
            for i, each in enumerate(_READ.items(table["events"], name, "events"))
        ),
        setback=read_failure(table["setback"], f"{name}.setback", _READ),
    )


def _document(state: BaseState) -> bytes:
    import json

    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        **{key: getattr(state, key) for key in _WORDS},
        "names": list(state.names),
        "lock": None if state.lock is None else json.loads(written(state.lock)),
        "findings": None if state.findings is None else [_row(each) for each in state.findings],
        "events": [event_row(each) for each in state.events[-MAX_EVENTS:]],
        "setback": failure_row(state.setback),
    }
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def event_row(event: BaseEvent) -> dict[str, Any]:
    """Return one event as it stands in the state and in a changelog."""
    return {
        "date": event.date,
        "kind": event.kind,
        "digest": event.digest,
        "tags": list(event.tags),
        "size": event.size_bytes,
        "packages": event.packages,
        "severities": None if event.severities is None else dict(event.severities),
        "fixable": event.fixable,
        "changed": [[each.name, each.before, each.after] for each in event.changed],
        "closed": [_row(each) for each in event.closed],
        "new": [_row(each) for each in event.new],
    }


def _row(each: OpenFinding) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name,
        "version": each.version,
        "severity": each.severity,
        "fixable": int(each.fixable),
        "since": each.since,
    }


def _findings(value: Any, place: str) -> tuple[OpenFinding, ...]:
    out: list[OpenFinding] = []
    for i, item in enumerate(_READ.items(value, place)):
        here = f"{place}[{i}]"
        row = _READ.members(item, here, {"id", "name", "version", "severity", "fixable", "since"})
        identifier, name, version, severity, since = (
            _READ.text(row[key], here, key)
            for key in ("id", "name", "version", "severity", "since")
        )
        fixable = bool(_READ.count(row["fixable"], here, "fixable"))
        out.append(OpenFinding(identifier, name, version, severity, fixable, since))
    return tuple(out)


def _event(value: Any, place: str) -> BaseEvent:
    row = _READ.members(value, place, _EVENT)
    date, kind, digest = (_READ.text(row[key], place, key) for key in ("date", "kind", "digest"))
    counted = row["severities"]
    return BaseEvent(
        date,
        kind,
        digest,
        _READ.texts(row["tags"], place, "tags"),
        _READ.count(row["size"], place, "size"),
        _READ.count(row["packages"], place, "packages"),
        None
        if counted is None
        else tuple(
            (word, _READ.count(count, place, "severities"))
            for word, count in _READ.mapping(counted, place, "severities").items()
        ),
        None if row["fixable"] is None else _READ.count(row["fixable"], place, "fixable"),
        tuple(_step(each, f"{place}.changed") for each in _READ.items(row["changed"], place)),
        _findings(row["closed"], f"{place}.closed"),
        _findings(row["new"], f"{place}.new"),
    )


def _step(value: Any, place: str) -> PackageStep:
    words = _READ.texts(value, place)
    if len(words) != 3:  # noqa: PLR2004 — the fields of PackageStep
        msg = f"{place}: expected 3 values, got {len(words)}"
        raise ConfigError(msg)
    return PackageStep(*words)
