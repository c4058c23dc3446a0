"""The file of an incident: written whole after each image, so that a killed run goes on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from careen.errors import ConfigError, InputError
from careen.formats.json_document import Strict, parse
from careen.model.incident import Fix, Incident, IncidentImage, Standing
from careen.pipeline.run.timestamp import now
from careen.pipeline.watching.lock import only_pass
from careen.report.directory import write_report
from careen.tools.read_file import read_file

FORMAT = "careen.incident"
VERSION = 1
FOLDER = "incidents"
MAX_STATE = 64 << 20
_READ = Strict(ConfigError, "incident")
_ADVICE = "name another place with --state"
_TEXTS = ("tag", "source", "use", "detail", "begun", "evidence")
_ADDED = ("fix", "why", "refused", "vex")
"""Members that files of earlier versions lack."""


def incident_file(state: Path, identifier: str) -> Path:
    """Return where the incident of a vulnerability is. Raises InputError for no identifier."""
    if not identifier or not all(
        char.isascii() and (char.isalnum() or char in "-._:") for char in identifier
    ):
        msg = f"{identifier!r} is not an identifier; expected one such as CVE-2021-44228"
        raise InputError(msg)
    return state / FOLDER / f"{identifier.upper().replace(':', '_')}.json"


def write_incident(state: Path, incident: Incident) -> None:
    """Write the file of an incident. Raises InputError."""
    file = incident_file(state, incident.identifier)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "identifier": incident.identifier,
        "opened": incident.opened,
        "unknown": incident.unknown,
        "unlisted": list(incident.unlisted),
        "unanswered": list(incident.unanswered),
        "images": [
            asdict(image) | {"standing": image.standing.value, "fix": image.fix.value}
            for image in incident.images
        ],
    }
    text = json.dumps(document, indent=1) + "\n"
    write_report(file.parent, {file.name: text.encode("ascii")}, _ADVICE)


def read_incident(state: Path, identifier: str) -> Incident:
    """Return an incident that was opened. Raises InputError if none was, ConfigError if damaged."""
    file = incident_file(state, identifier)
    if not file.is_file():
        msg = (
            f"no incident {identifier!r} below {state}: open it with"
            f" `careen fleet incident open {identifier}`"
        )
        raise InputError(msg)
    name = str(file)
    document = parse(read_file(file, MAX_STATE), name, ConfigError, limit=MAX_STATE)
    _READ.check_format(document, name, FORMAT, VERSION)
    keys = {"format", "version", "identifier", "opened", "unknown", "unlisted", "unanswered"}
    table = _READ.members(document, name, {*keys, "images"})
    return Incident(
        _READ.text(table["identifier"], name, "identifier"),
        _READ.text(table["opened"], name, "opened"),
        tuple(
            _image(item, f"{name}.images[{i}]")
            for i, item in enumerate(_READ.items(table["images"], name, "images"))
        ),
        _READ.texts(table["unlisted"], name, "unlisted"),
        _READ.texts(table["unanswered"], name, "unanswered"),
        _READ.count(table["unknown"], name, "unknown"),
    )


def _image(value: Any, place: str) -> IncidentImage:
    known = {field.name for field in fields(IncidentImage)}
    table = _READ.members(value, place, known - {*_ADDED}, {*_ADDED})
    texts = {key: _READ.text(table[key], place, key) for key in _TEXTS}
    texts |= {key: _READ.text(table.get(key, ""), place, key) for key in _ADDED[1:]}
    fix = _READ.member(Fix, table.get("fix", Fix.NOT_KNOWN.value), place, "fix")
    standing, listens, seconds = table["standing"], table["listens"], table["seconds"]
    if standing not in [each.value for each in Standing]:
        msg = f"{place}.standing: unknown: {standing!r}"
        raise ConfigError(msg)
    if listens not in (True, False, None) or not isinstance(seconds, int | float):
        msg = f"{place}: expected listens as true, false or null, and seconds as a number"
        raise ConfigError(msg)
    return IncidentImage(
        **texts,
        fix=fix,
        before=_digests(table["before"], place, "before"),
        after=_digests(table["after"], place, "after"),
        listens=listens,
        wave=_READ.count(table["wave"], place, "wave"),
        standing=Standing(standing),
        status=_READ.count(table["status"], place, "status"),
        seconds=float(seconds),
    )


def _digests(value: Any, place: str, key: str) -> dict[str, str]:
    table = _READ.mapping(value, place, key)
    return {name: _READ.text(digest, place, key) for name, digest in table.items()}


@contextmanager
def only_incident(state: Path, identifier: str) -> Iterator[None]:
    """Let no other run have an incident that was opened. Raises as `read_incident`, ToolError."""
    read_incident(state, identifier)  # a lock of none would stay behind
    with only_pass(incident_file(state, identifier).with_suffix(""), now(), _ADVICE):
        yield
