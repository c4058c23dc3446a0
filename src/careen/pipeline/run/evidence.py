"""Close the report of a finished run: its manifest, and an event in the history of its image."""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from careen import __version__
from careen.errors import CareenError, InputError
from careen.evidence.directory.layout import ATTESTATIONS, MANIFEST
from careen.evidence.directory.manifest import FileRecord, Manifest, policy_of
from careen.model.findings.findings_count import FindingsCount
from careen.model.history import Event, Named
from careen.model.summary import Summary
from careen.pipeline.run.history import record
from careen.pipeline.run.report_documents import FINDINGS, ReportDocuments
from careen.pipeline.run.session import Session
from careen.pipeline.run.timestamp import now
from careen.report.directory import write_report


class Change(enum.Enum):
    """What happened to a file, in words that a time follows."""

    ADDED = "was added after"
    REMOVED = "was removed after"
    CHANGED = "was changed after"


def close_report(
    read: ReportDocuments, summary: Summary, choices: Mapping[str, Any], session: Session
) -> None:
    """Write the manifest of a directory, and record the event.

    A history that cannot be written is a note: the image has passed.
    """
    findings = read.optional(FINDINGS)
    feeds = () if findings is None else findings["feeds"]
    manifest = Manifest(
        __version__,
        Named(summary.original.reference, summary.original.digest),
        Named(summary.hardened.reference, summary.hardened.digest),
        summary.promoted,
        session.started,
        now(),
        policy_of(choices),
        tuple({key: feed[key] for key in ("name", "date", "imported")} for feed in feeds),
    )
    written = write_manifest(read, manifest)
    event = replace(
        event_of("hardened", manifest, written, read.directory),
        size_before=summary.original.size_bytes,
        size_after=summary.hardened.size_bytes,
        findings_before=_total(summary.original.findings),
        findings_after=_total(summary.hardened.findings),
    )
    record_event(event, session)


def record_event(event: Event, session: Session) -> None:
    """Add an event to the history of its image; one that cannot be written is a note."""
    try:
        record(event)
    except CareenError as error:
        session.progress.note(str(error))


def write_manifest(read: ReportDocuments, manifest: Manifest) -> FileRecord:
    """Write the manifest with all files that are in the directory now; return its record."""
    read.all_files()
    data = manifest.with_files(read.records).written()
    write_report(read.directory, {MANIFEST: data})
    return FileRecord.of(MANIFEST, data)


def renew(directory: Path, name: str) -> None:
    """State the present bytes of one file, a view that was made again, in the manifest."""
    read = ReportDocuments(directory)
    manifest = read.manifest()
    read.note(name)
    records = {each.path: each for each in manifest.files} | read.records
    write_report(directory, {MANIFEST: manifest.with_files(records).written()})


def note_promotion(
    directory: Path, places: tuple[str, ...], session: Session, *, signs: bool
) -> bool:
    """State more places of a result in the manifest, and in its history; return whether it changed.

    A manifest that was signed stays as it is, unless the caller signs it again.
    """
    if not (directory / MANIFEST).is_file():
        return False
    if was_signed(directory, directory / MANIFEST) and not signs:
        return False
    read = ReportDocuments(directory)
    before = read.manifest()
    manifest = replace(before, promoted=tuple(dict.fromkeys((*before.promoted, *places))))
    data = manifest.written()
    write_report(directory, {MANIFEST: data})
    event = event_of("promoted", manifest, FileRecord.of(MANIFEST, data), directory)
    record_event(event, session)
    return True


def manifest_fault(directory: Path, result: str) -> str:
    """Return why a directory's manifest, if there is one, is not of this result, else ""."""
    if not (directory / MANIFEST).is_file():
        return ""
    try:
        found = ReportDocuments(directory).manifest().result.digest
    except CareenError as error:
        return str(error)
    return "" if found == result else f"{directory / MANIFEST}: is of another result, {found}"


def refuse_evidence(directory: Path, path: Path) -> None:
    """Raise InputError if a file to write would replace a part of a directory's evidence."""
    name = _name_below(directory, path)
    if name is None:
        return
    place, _, inside = name.partition("/")
    listed = {each.path for each in ReportDocuments(directory).manifest().files}
    if name in {MANIFEST, *listed} or (place == ATTESTATIONS and inside):
        msg = f"writing {str(path)!r}: it is evidence of the run; name another file"
        raise InputError(msg)


def was_signed(directory: Path, path: Path) -> bool:
    """Return whether a file is below a directory that holds attestations."""
    signed = directory / ATTESTATIONS
    return _name_below(directory, path) is not None and signed.is_dir() and any(signed.iterdir())


def _name_below(directory: Path, path: Path) -> str | None:
    """Return the path of a file below a directory, None if it is elsewhere."""
    place = path.parent.resolve() / path.name  # a link there is replaced, not followed
    inside = directory.resolve()
    return place.relative_to(inside).as_posix() if place.is_relative_to(inside) else None


def extended_manifest(read: ReportDocuments) -> Manifest:
    """Return the manifest with the files that were put into a directory since it was written.

    Raises InputError for one that was changed or removed since.
    """
    manifest = read.manifest()
    require_unchanged(read, manifest)
    return manifest.with_files(read.records)


def require_unchanged(read: ReportDocuments, manifest: Manifest) -> None:
    """Raise InputError for a file that was changed or removed since the manifest was written."""
    for path, change in changes(read, manifest):
        if change is not Change.ADDED:
            msg = (
                f"{str(read.directory / path)!r}: {change.value} {MANIFEST} was written; put back"
                " what was there, or harden the image again"
            )
            raise InputError(msg)


def changes(read: ReportDocuments, manifest: Manifest) -> Iterator[tuple[str, Change]]:
    """Yield each file that is not as a manifest says, by its path below the directory."""
    read.all_files()
    listed = {each.path: each.sha256 for each in manifest.files}
    for path in sorted(listed.keys() | (read.digests.keys() - {MANIFEST})):
        if path not in listed:
            yield path, Change.ADDED
        elif path not in read.digests:
            yield path, Change.REMOVED
        elif listed[path] != read.digests[path]:
            yield path, Change.CHANGED


def event_of(kind: str, manifest: Manifest, written: FileRecord, directory: Path) -> Event:
    """Return the event of a directory whose manifest was written."""
    return Event(
        kind,
        now(),
        __version__,
        manifest.image,
        manifest.result,
        manifest.promoted,
        written.sha256,
        str(directory.absolute()),
    )


def _total(found: FindingsCount | None) -> int | None:
    """Return the number of findings, None if no package was compared."""
    return None if found is None or found.compared.nothing else found.total
