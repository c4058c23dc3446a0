"""The result of the last good run: its evidence and image, checked, and its findings, again."""

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path

import zstandard

from careen.advisories.database.store import Store
from careen.errors import CareenError, ConfigError
from careen.evidence.directory.layout import ATTESTATIONS, FORMATS, MANIFEST
from careen.inventory.index import ImageIndex, load_index, read_index, write_index
from careen.model.findings.triage import ScanReport
from careen.model.integration import KnownFinding, Mode
from careen.model.packages.package import Inventory
from careen.model.rbom import ImageRef, RuntimeBom
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.findings.finding_policy import Heard
from careen.pipeline.findings.findings import follow, match_stock
from careen.pipeline.findings.scan import Given, report_on
from careen.pipeline.findings.scan_source import Stock
from careen.pipeline.integrating.decide import Inputs, Standing, fixes_tried
from careen.pipeline.integrating.delivery import whereabouts
from careen.pipeline.integrating.evidence_files import files_of
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.state import ADVICE, Stored
from careen.pipeline.run import report_documents as names
from careen.pipeline.run.evidence import manifest_fault
from careen.pipeline.run.report_documents import ReportDocuments
from careen.pipeline.run.session import Session
from careen.rbom.store import load_rbom
from careen.report.directory import write_report
from careen.report.integration.changes import unanswered
from careen.tools.read_file import read_regular
from careen.tools.whole_file import PARTIAL_BEGINS

INDEX = "result.index.zst"
PREVIOUS = "previous"
BEGUN = "evidence.at"
_OF_A_RUN = {*FORMATS, "findings-patched.json", MANIFEST, ATTESTATIONS, "logs"}
_MAX_PATH = 1 << 16
_MAX_PACKED, _MAX_INDEX = 256 << 20, 1 << 30


def keep_index(folder: Path, rootfs: Rootfs, inventory: Inventory, ref: ImageRef) -> None:
    """Store the paths and packages of a result for later runs. Raises InputError."""
    data = zstandard.ZstdCompressor().compress(write_index(rootfs, inventory, ref))
    write_report(folder, {INDEX: data}, ADVICE)


def kept_index(folder: Path, digest: str) -> ImageIndex | None:
    """Return the stored paths and packages of a result; None if they are missing or damaged."""
    path = folder / INDEX
    if not path.is_file():
        return None
    try:
        with contextlib.closing(
            zstandard.ZstdDecompressor().stream_reader(read_regular(path, _MAX_PACKED))
        ) as stream:
            index = read_index(stream.read(_MAX_INDEX + 1), str(path))
    except (zstandard.ZstdError, CareenError):
        return None
    return index if index.ref.config_digest == digest else None


def evidence_of(request: CiRequest, stored: Stored) -> tuple[Path, str]:
    """Return the directory with the evidence of the last good run, and what is wrong with it.

    A run that failed since has left its own in place of it.
    """
    faults = [fault_of(place, stored) for place in (request.evidence, request.folder / PREVIOUS)]
    if faults[1] == "":
        return request.folder / PREVIOUS, ""
    return request.evidence, faults[0]


def fault_of(directory: Path, stored: Stored) -> str:
    """Return what is wrong with a directory of the evidence of a run, "" if nothing is."""
    if not directory.is_dir():
        return f"the evidence of the last run is gone: {directory}"
    try:
        now = files_of(directory)
    except CareenError as error:
        return f"the evidence of the last run cannot be read: {error}"
    for name, digest in stored.files.items():
        if name not in now:
            return f"the evidence of the last run was changed: {directory / name} is gone"
        if now[name] != digest:
            return f"the evidence of the last run was changed: {directory / name}"
    if stored.mode == Mode.HARDEN.value and not (directory / MANIFEST).is_file():
        return f"the evidence of the last run was changed: {directory / MANIFEST} is gone"
    fault = manifest_fault(directory, stored.result)
    return f"the evidence of the last run was changed: {fault}" if fault else ""


def standing_of(request: CiRequest, stored: Stored, session: Session) -> tuple[Standing, Path]:
    """Check what is left of the last good run; return also where its evidence is."""
    where, fault = evidence_of(request, stored)
    at = whereabouts(request.destination, stored, session)
    inventory = kept_index(request.folder, stored.result) is not None
    return Standing(fault, at, inventory), where


def require_own(request: CiRequest, stored: Stored | None) -> None:
    """Raise ConfigError if the directory of the evidence holds what careen did not write.

    The directory is careen's if it was empty when the first run of the name began: each run
    replaces all of it.
    """
    directory, own = request.evidence, str(request.evidence).encode("utf-8", "surrogateescape")
    begun = request.folder / BEGUN
    is_own = begun.exists() and read_regular(begun, _MAX_PATH) == own
    known = {} if stored is None else stored.files
    for name in ReportDocuments(directory).names():
        if not (is_own and (name in known or _is_of_a_run(name))):
            msg = (
                f"evidence: {str(directory / name)!r} is not of the last run, and each run replaces"
                " the whole directory; name one that is empty"
            )
            raise ConfigError(msg)
    if not is_own:
        write_report(request.folder, {BEGUN: own}, ADVICE)


def _is_of_a_run(name: str) -> bool:
    """Return whether a run that failed may have left a file of this name."""
    top = name.partition("/")[0]
    return top in _OF_A_RUN or top.startswith(PARTIAL_BEGINS)


def set_aside(request: CiRequest, evidence: Path) -> None:
    """Keep the last good evidence beside the new one until the run has passed."""
    previous = request.folder / PREVIOUS
    if evidence == previous or not evidence.is_dir():
        return
    shutil.rmtree(previous, ignore_errors=True)
    try:
        shutil.move(evidence, previous)
    except OSError as error:
        msg = f"{evidence}: cannot be moved to {previous}: {error.strerror or error}; {ADVICE}"
        raise ConfigError(msg) from error


def drop_previous(request: CiRequest) -> None:
    """Remove the evidence of the run before, once the new one has passed."""
    shutil.rmtree(request.folder / PREVIOUS, ignore_errors=True)


def report_again(
    request: CiRequest, evidence: Path, result: ImageIndex, store: Store, heard: Heard
) -> ScanReport:
    """Return the findings of a stored result with the advisories of today.

    A hardened result's findings are followed from the profiled image, as when it was made. Raises
    ConfigError for a damaged document.
    """
    subject = request.destination.describe()[0] if request.mode is not Mode.SCAN else request.image
    stock = Stock(subject, result.ref.digest, result.inventory, result.ref, result.rootfs)
    if request.mode is not Mode.HARDEN:
        return report_on(Given(rbom_at(evidence), heard), store, stock)
    bom = load_rbom(evidence / names.RBOM)
    index = load_index(evidence / names.INDEX)
    near = match_stock(
        Stock(index.ref.reference, index.ref.digest, index.inventory, index.ref, index.rootfs),
        bom,
        store,
    )
    return follow(near, stock, store, heard).report


def rbom_at(evidence: Path) -> RuntimeBom | None:
    """Return the RBOM of a report, None if the image was not profiled."""
    path = evidence / names.RBOM
    return load_rbom(path) if path.is_file() else None


def renewed(
    stored: Stored, inputs: Inputs, place: str, report: ScanReport | None, about: str = ""
) -> Stored:
    """Return what the next run knows after one that ran nothing; `about` as in `CiRequest`."""
    fixable = stored.fixable if report is None else fixes_tried(stored.fixable, report, about)
    return replace(
        stored,
        place=place,
        advisories=inputs.advisories,
        findings=known_of(report, stored.findings),
        fixable=fixable,
    )


def known_of(
    report: ScanReport | None, last: tuple[KnownFinding, ...] | None
) -> tuple[KnownFinding, ...] | None:
    """Return the findings that the next run compares with.

    They are the last ones where the run does not pass, or the advisories say nothing.
    """
    if report is None or report.crossed or report.compared.nothing:
        return last
    kept = unanswered(last or (), report)
    return kept + tuple(
        KnownFinding(
            item.finding.id,
            item.finding.package,
            item.finding.name,
            item.finding.version,
            item.finding.severity.word,
            item.tier.value,
            item.finding.kev is not None,
        )
        for item in report.findings
    )
