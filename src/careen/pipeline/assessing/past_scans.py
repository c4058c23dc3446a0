"""Earlier scans of an image: of runs in its history, and of the last FedRAMP report."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from careen.compliance.fedramp.track import tracking_id
from careen.errors import ConfigError
from careen.evidence.directory.layout import MANIFEST
from careen.evidence.directory.manifest import MAX_MANIFEST, read_manifest
from careen.formats.json_document import mapping, objects, parse_object, text_at
from careen.formats.oci_purl import repository_of
from careen.model.compliance.fedramp import PastFinding, PastScan
from careen.model.history import Event
from careen.model.rfc3339 import parse_time
from careen.pipeline.run.history import histories_of
from careen.tools.read_file import read_file

MAX_DOCUMENT = 256 << 20
ORIGINAL, RESULT = "findings.json", "findings-hardened.json"


def past_scans(image: str, digest: str) -> tuple[tuple[PastScan, ...], tuple[str, ...]]:
    """Return the scans of runs about an image, and a note for each that cannot be used.

    A document counts only if it is as the run's manifest states it, and the manifest as the history
    does. Raises ConfigError for a damaged history.
    """
    found: dict[tuple[str, str], PastScan] = {}
    notes: list[str] = []
    names = _names(image, digest)
    for history in histories_of(image):
        notes += [f"{history.file}, line {line}: changed" for line in history.broken]
        for event in history.events:
            file = _side(event, names)
            if event.kind != "hardened" or file is None:
                continue
            try:
                scan = _scan(Path(event.report), event.manifest_sha256, file)
            except ConfigError as error:
                notes.append(f"the scan of {event.time} is not used: {error}")
            else:
                found.setdefault((event.time, file), scan)
    return tuple(found.values()), tuple(notes)


def _names(image: str, digest: str) -> frozenset[str]:
    return frozenset(filter(None, (image, digest, repository_of(image))))


def _side(event: Event, names: frozenset[str]) -> str | None:
    """Return which document of a run is about the image: as it was before, or after."""
    result = _all(event.result.reference, event.result.digest, *event.promoted)
    if names & result:
        return RESULT
    return ORIGINAL if names & _all(event.image.reference, event.image.digest) else None


def _all(*names: str) -> frozenset[str]:
    return frozenset(filter(None, (*names, *(repository_of(name) for name in names))))


def _scan(directory: Path, expected: str, name: str) -> PastScan:
    data = read_file(directory / MANIFEST, MAX_MANIFEST)
    if hashlib.sha256(data).hexdigest() != expected:
        msg = f"{directory / MANIFEST}: not the one that the history states"
        raise ConfigError(msg)
    stated = {each.path: each.sha256 for each in read_manifest(data).files}
    document = read_file(directory / name, MAX_DOCUMENT)
    if stated.get(name) != hashlib.sha256(document).hexdigest():
        msg = f"{directory / name}: not the one that its manifest states"
        raise ConfigError(msg)
    return _read(document, str(directory / name))


def _read(data: bytes, where: str) -> PastScan:
    document = parse_object(data, where, ConfigError)
    time = parse_time(text_at(document, "created"))
    if text_at(document, "format") != "careen.scan" or time is None:
        msg = f"{where}: not a scan of careen"
        raise ConfigError(msg)
    listed = (*objects(document.get("findings")), *_suppressed(document))
    return PastScan(time, text_at(document, "digest"), _found(listed), where)


def _suppressed(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for each in objects(document.get("suppressed")):
        yield mapping(each.get("finding")) or each


def _found(findings: tuple[Mapping[str, Any], ...]) -> Mapping[str, PastFinding]:
    out: dict[str, PastFinding] = {}
    for each in findings:
        name, purl = text_at(each, "id"), text_at(each, "package")
        if not name or text_at(each, "tier") == "removed":
            continue
        known = out.get(name)
        packages = frozenset({purl}) | (known.packages if known else frozenset())
        text = f"{name} in {text_at(each, 'name')} {text_at(each, 'installed')}"
        out[name] = PastFinding(known.description if known else text, packages)
    return out


def previous_scan(directory: Path | None, name: str, image: str) -> PastScan | None:
    """Return the scan of the last FedRAMP report in a directory; None without one of the image.

    Raises ConfigError for a file that cannot be read.
    """
    if directory is None or not (directory / name).is_file():
        return None
    where = str(directory / name)
    document = parse_object(read_file(directory / name, MAX_DOCUMENT), where, ConfigError)
    time = parse_time(text_at(document, "time"))
    if text_at(document, "format") != "careen.fedramp" or document.get("version") != 1 or not time:
        msg = f"{where}: not a document of this version of careen; move it away"
        raise ConfigError(msg)
    found: dict[str, PastFinding] = {}
    for each in objects(document.get("vulnerabilities")):
        identifier = text_at(each, "id")
        if text_at(each, "tracking") != tracking_id(image, identifier):
            return None  # of another image
        if text_at(each, "state") != "remediated":
            packages = each.get("packages")
            purls = packages if isinstance(packages, list) else []
            found[identifier] = PastFinding(
                text_at(each, "description"), frozenset(p for p in purls if isinstance(p, str))
            )
    return PastScan(time, text_at(document, "digest"), found, where)
