"""Export the evidence of a run as one archive that is verified without careen."""

import gzip
import io
import tarfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from careen.errors import InputError
from careen.evidence.attest.bundle import MAX_BUNDLE, SUFFIX, read_bundle
from careen.evidence.attest.statement import Statement, read_statement
from careen.evidence.directory.history import MAX_HISTORY
from careen.evidence.directory.layout import ATTESTATIONS, MANIFEST
from careen.evidence.directory.manifest import FileRecord
from careen.oci.reference import OciArchive, OciLayout, RegistryImage, parse_reference
from careen.pipeline.run.evidence import changes
from careen.pipeline.run.history import history_file
from careen.pipeline.run.report_documents import MAX_DOCUMENT, ReportDocuments
from careen.pipeline.run.run_documents import result_digests, run_documents, supported
from careen.report.output_file import write_output
from careen.tools.read_file import read_file

ROOT = "evidence"
STEPS = "verify.md"
HISTORY = "history.jsonl"
_IN_FINAL_FORM = (OciArchive, OciLayout, RegistryImage)


@dataclass(frozen=True, slots=True)
class ExportedEvidence:
    """An archive: its path, SHA-256 (hex) and bytes, the number of files, and the image's digest.

    `history` tells whether the history of the image is in it.
    """

    path: str
    sha256: str
    size: int
    files: int
    digest: str
    history: bool


def export_evidence(directory: Path, output: Path) -> ExportedEvidence:
    """Write an archive of a report, its attestations, the image's history and the steps to verify.

    The same directory and history give the same bytes. Raises InputError for a directory that was
    not signed, or was changed since; ConfigError for a damaged document.
    """
    read = ReportDocuments(directory)
    read.require_finished()
    manifest = read.manifest()
    for path, change in changes(read, manifest):
        msg = (
            f"{str(directory / path)!r}: {change.value} {MANIFEST} was written; sign the directory"
            " again with `careen attest`"
        )
        raise InputError(msg)
    bundles = _signed(directory, read)
    history = history_file(manifest.image.reference)
    packed, count = io.BytesIO(), 0
    # Without a name and a time, equal content gives equal bytes.
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, data in _members(directory, [*read.records], bundles, history):
            archive.addfile(_header(name, data), io.BytesIO(data))
            count += 1
    written = packed.getvalue()
    write_output(output, written)
    record = FileRecord.of(output.name, written)
    return ExportedEvidence(
        str(output), record.sha256, record.size, count, manifest.result.digest, history.is_file()
    )


def _signed(directory: Path, read: ReportDocuments) -> list[Path]:
    """Return the bundles of all statements that the report supports; needs no key.

    Raises InputError for one that is missing or says something else, ConfigError for a damaged one.
    """
    folder = directory / ATTESTATIONS
    if not (folder / f"manifest{SUFFIX}").is_file():
        msg = f"{str(directory)!r}: is not signed; `careen attest` signs it"
        raise InputError(msg)
    run = run_documents(read)
    said = supported(run, str(directory))
    known = _subjects(run.summary, _statement(folder / f"manifest{SUFFIX}"), str(directory))
    wanted = {folder / f"{name}{SUFFIX}": name for name in said}
    for path in sorted({*wanted, *folder.iterdir()}):
        advice = "sign the directory again with `careen attest`"
        if path not in wanted:
            trouble = "is no statement that this report supports"
            if not path.name.endswith(SUFFIX) or not path.is_file():
                advice = "remove it"  # signing again clears bundles only
        elif not path.is_file():
            trouble = "is missing"
        else:
            trouble = _difference(_statement(path), said[wanted[path]], known)
        if trouble:
            msg = f"{str(path)!r}: {trouble}; {advice}"
            raise InputError(msg)
    return sorted(wanted)


def _subjects(summary: Mapping[str, Any], manifest: Statement, where: str) -> set[str]:
    """Return the digests that the statements may be about: those that the run states."""
    known = result_digests(summary, where)
    if any(isinstance(parse_reference(each), _IN_FINAL_FORM) for each in summary["promoted"]):
        return known
    # Its manifest has a digest only since it was pushed; the statements must agree on it.
    return {manifest.subject.digest}


def _difference(
    found: Statement, said: tuple[str, Mapping[str, Any]], known: Collection[str]
) -> str:
    """Return what is wrong with a statement, "" if it says what the report says."""
    if found.subject.digest not in known:
        return f"is about {found.subject.digest}, and the image is {' or '.join(sorted(known))}"
    if (found.predicate_type, found.predicate) != said:
        return "does not say what the files of the report say"
    return ""


def _statement(path: Path) -> Statement:
    signed = read_bundle(read_file(path, MAX_BUNDLE), str(path))
    return read_statement(signed.payload, str(path))


def _members(
    directory: Path, names: list[str], bundles: list[Path], history: Path
) -> Iterator[tuple[str, bytes]]:
    for name in sorted({*names, MANIFEST}):
        yield f"{ROOT}/{name}", read_file(directory / name, MAX_DOCUMENT)
    for bundle in bundles:
        yield f"{ROOT}/{ATTESTATIONS}/{bundle.name}", read_file(bundle, MAX_BUNDLE)
    if history.is_file():
        yield HISTORY, read_file(history, MAX_HISTORY)
    steps = resources.files("careen.evidence.directory").joinpath(STEPS)
    yield STEPS, steps.read_bytes()


def _header(name: str, data: bytes) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode, header.mtime = len(data), 0o644, 0
    return header
