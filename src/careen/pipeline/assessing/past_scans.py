"""Earlier scans of an image: of runs in its history, and of the last FedRAMP report."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from careen.compliance.fedramp.track import tracking_id
from careen.errors import ConfigError
from careen.evidence.directory.layout import MANIFEST
from careen.evidence.directory.manifest import MAX_MANIFEST, read_manifest
from careen.formats.json_document import clean, mapping, objects, parse_object, text_at
from careen.formats.oci_purl import repository_of
from careen.model.compliance.fedramp import PastFinding, PastScan
from careen.model.history import Event, Named
from careen.model.rfc3339 import parse_time
from careen.pipeline.run.history import histories_of
from careen.tools.read_file import read_file

MAX_DOCUMENT = 256 << 20
ORIGINAL, RESULT = "findings.json", "findings-hardened.json"


def past_scans(image: str, digest: str) -> tuple[tuple[PastScan, ...], tuple[str, ...]]:
    """Return the scans of runs about an image's repository, and a note for each that is not used.

    Of a run's two scans, the one of the side that this image is on: originals, or results. A
    document counts only if it is as the run's manifest states it, and the manifest as the history
    does. Raises ConfigError for a damaged history.
    """
    found: dict[tuple[str, str], PastScan] = {}
    notes: list[str] = []
    histories = tuple(histories_of(repository_of(image) or image))
    for history in histories:
        notes += [f"{history.file}, line {line}: changed" for line in history.broken]
    events = [event for history in histories for event in history.events]
    side = _side(events, image, digest)
    if events and side is None:
        notes.append(f"the history does not say whether {image} is an original or a result")
    for event in events:
        if side is None or event.kind != "hardened":
            continue
        try:
            scan = _scan(Path(event.report), event.manifest_sha256, side)
        except ConfigError as error:
            notes.append(f"the scan of {event.time} is not used: {error}")
        else:
            found.setdefault((event.time, event.manifest_sha256), scan)
    return tuple(found.values()), tuple(notes)


def _side(events: Sequence[Event], image: str, digest: str) -> str | None:
    """Return which document of a run is about such an image, None if that is not known.

    Originals and results are often in one repository: then the history must name this one.
    """
    names = set(filter(None, (image, digest)))
    for event in reversed(events):
        if names & _names(event.result, event.promoted):
            return RESULT
        if names & _names(event.image):
            return ORIGINAL
    repository = repository_of(image)
    sides = {
        name
        for event in events
        for name, listed in (
            (ORIGINAL, _names(event.image)),
            (RESULT, _names(event.result, event.promoted)),
        )
        if repository is not None and repository in map(repository_of, listed)
    }
    return sides.pop() if len(sides) == 1 else None


def _names(named: Named, promoted: Sequence[str] = ()) -> set[str]:
    return set(filter(None, (named.reference, named.digest, *promoted)))


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
        words = known.description if known else text
        out[name] = PastFinding(words, packages, tuple(_words(each, "aliases")))
    return out


def previous_scan(
    directory: Path | None, name: str, image: str
) -> tuple[PastScan | None, tuple[str, ...]]:
    """Return the scan of the last FedRAMP report in a directory, and a note if it is not used.

    Raises ConfigError for a file that cannot be read.
    """
    if directory is None or not (directory / name).is_file():
        return None, ()
    where = str(directory / name)
    document = parse_object(read_file(directory / name, MAX_DOCUMENT), where, ConfigError)
    time = parse_time(text_at(document, "time"))
    if text_at(document, "format") != "careen.fedramp" or document.get("version") != 1 or not time:
        msg = f"{where}: not a document of this version of careen; move it away"
        raise ConfigError(msg)
    before = text_at(document, "image")
    if tracking_id(before, "") != tracking_id(clean(image), ""):
        lost = "ages start again, and this report takes its place"
        return None, (f"the last report, {name}, is of another image ({before}): {lost}",)
    found = {
        name: _reported(each)
        for each in objects(document.get("vulnerabilities"))
        if (name := text_at(each, "id"))
    }
    return PastScan(time, text_at(document, "digest"), found, where), ()


def _reported(item: Mapping[str, Any]) -> PastFinding:
    """Return a vulnerability of a report, with its times: a report knows of scans before it."""
    return PastFinding(
        description=text_at(item, "description"),
        packages=frozenset(_words(item, "packages")),
        aliases=tuple(_words(item, "aliases")),
        detected=parse_time(text_at(item, "detected")),
        ended=parse_time(text_at(item, "ended")),
    )


def _words(item: Mapping[str, Any], key: str) -> Iterator[str]:
    value = item.get(key)
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, str))
