"""Lock files of builds (JSON, `careen.base-lock` 1)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from careen.errors import ConfigError
from careen.formats.json_document import parse_object
from careen.model.catalog.lock import Lock, LockedPackage, LockedWheel, Step
from careen.model.rfc3339 import parse_time
from careen.oci.documents import dump_json
from careen.tools.read_file import read_file

FORMAT = "careen.base-lock"
VERSION = 1
MAX_LOCK = 16 << 20
MAX_STEPS = 10
MAX_PACKAGES = 20_000
MAX_WHEELS = 500
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.:~^_-]{0,200}")
_WHEEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,250}\.whl")
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+!_-]{0,100}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def written(lock: Lock) -> bytes:
    """Return the lock as JSON, one package in a line; equal locks give equal bytes."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "entry": lock.entry,
        "variant": lock.variant,
        "architecture": lock.architecture,
        "created": lock.created,
        "sources": list(lock.sources),
        "steps": [
            {
                "name": step.name,
                **({"definition": step.definition} if step.definition else {}),
                "packages": [
                    {
                        "name": each.name,
                        "architecture": each.architecture,
                        "version": each.version,
                        "sha256": each.sha256,
                    }
                    for each in step.packages
                ],
                **_wheels(step.wheels),
            }
            for step in lock.steps
        ],
    }
    return dump_json(document).replace(b'{"name":', b'\n{"name":') + b"\n"


def _wheels(wheels: Sequence[LockedWheel]) -> Mapping[str, Any]:
    rows = [
        {"name": x.name, "version": x.version, "file": x.file, "sha256": x.sha256} for x in wheels
    ]
    return {"wheels": rows} if rows else {}


def read_lock(path: Path) -> Lock:
    """Return the lock of a file. Raises ConfigError for one that is not a lock."""
    return parsed(read_file(path, MAX_LOCK), str(path))


def parsed(data: bytes, where: str) -> Lock:
    """Return the lock in a document. Raises ConfigError with `where`."""
    document = parse_object(data, where, ConfigError)
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        msg = f"{where}: not a lock of `careen base build` ({FORMAT} {VERSION})"
        raise ConfigError(msg)
    steps = _list(document, "steps", where, MAX_STEPS)
    created = _text(document, "created", where)
    if parse_time(created) is None:
        msg = f"{where}: created: expected a time like 2026-11-30T00:00:00Z, got {created[:80]!r}"
        raise ConfigError(msg)
    sources = _list(document, "sources", where, MAX_PACKAGES)
    if not all(isinstance(each, str) and "\n" not in each for each in sources):
        msg = f"{where}: sources: expected lines of text"
        raise ConfigError(msg)
    return Lock(
        entry=_text(document, "entry", where),
        variant=_text(document, "variant", where),
        architecture=_text(document, "architecture", where),
        created=created,
        sources=tuple(sources),
        steps=tuple(_step(each, f"{where}: steps[{i}]") for i, each in enumerate(steps)),
    )


def _step(document: Any, where: str) -> Step:
    if not isinstance(document, dict):
        msg = f"{where}: expected an object"
        raise ConfigError(msg)
    packages = _list(document, "packages", where, MAX_PACKAGES)
    definition = document.get("definition", "")
    if not isinstance(definition, str) or (definition and not _SHA256.fullmatch(definition)):
        msg = f"{where}.definition: not a SHA-256 in hex"
        raise ConfigError(msg)
    return Step(
        _text(document, "name", where),
        tuple(sorted(_package(each, f"{where}.packages[{i}]") for i, each in enumerate(packages))),
        definition,
        _locked_wheels(document, where),
    )


def _locked_wheels(document: Mapping[str, Any], where: str) -> tuple[LockedWheel, ...]:
    if "wheels" not in document:
        return ()
    rows = _list(document, "wheels", where, MAX_WHEELS)
    return tuple(sorted(_wheel(each, f"{where}.wheels[{i}]") for i, each in enumerate(rows)))


def _wheel(document: Any, where: str) -> LockedWheel:
    if not isinstance(document, dict):
        msg = f"{where}: expected an object"
        raise ConfigError(msg)
    forms = {"name": _PROJECT, "version": _RELEASE, "file": _WHEEL, "sha256": _SHA256}
    words = {key: _text(document, key, where) for key in forms}
    for key, form in forms.items():  # they go into a requirements file, line by line
        if not form.fullmatch(words[key]):
            msg = f"{where}.{key}: not as careen writes it: {words[key][:80]!r}"
            raise ConfigError(msg)
    return LockedWheel(**words)


def _package(document: Any, where: str) -> LockedPackage:
    if not isinstance(document, dict):
        msg = f"{where}: expected an object"
        raise ConfigError(msg)
    words = {key: _text(document, key, where) for key in ("name", "architecture", "version")}
    for key, value in words.items():  # they go into files of apt, and words for apk and dnf
        if not _WORD.fullmatch(value):
            msg = f"{where}.{key}: not a word of a package manager: {value[:80]!r}"
            raise ConfigError(msg)
    digest = _text(document, "sha256", where)
    if not _SHA256.fullmatch(digest):
        msg = f"{where}.sha256: not a SHA-256 in hex: {digest[:80]!r}"
        raise ConfigError(msg)
    return LockedPackage(words["name"], words["architecture"], words["version"], digest)


def _text(document: Mapping[str, Any], key: str, where: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value:
        msg = f"{where}: {key}: expected text"
        raise ConfigError(msg)
    return value


def _list(document: Mapping[str, Any], key: str, where: str, most: int) -> list[Any]:
    value = document.get(key)
    if not isinstance(value, list) or len(value) > most:
        msg = f"{where}: {key}: expected a list of at most {most}"
        raise ConfigError(msg)
    return value
