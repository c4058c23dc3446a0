"""Findings of a built base, and its report directory: SBOM, VEX, provenance, lock."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from careen import __version__
from careen.advisories.database.store import open_store
from careen.catalog.lock_file import written
from careen.errors import InputError, PolicyError
from careen.evidence.attest.base import base_provenance
from careen.evidence.directory.layout import MANIFEST
from careen.evidence.directory.manifest import Manifest, policy_of
from careen.model.catalog.built import BaseFindings, BuiltBase
from careen.model.catalog.contract import Contract
from careen.model.cryptography.fips import FipsReport
from careen.model.findings.triage import ScanReport
from careen.model.history import Named
from careen.pipeline.findings.finding_policy import FindingPolicy, hear
from careen.pipeline.findings.scan import Given, report_on
from careen.pipeline.findings.scan_outputs import Subject, document
from careen.pipeline.findings.scan_source import Stock
from careen.pipeline.findings.vex import subject_of
from careen.pipeline.hardening.fips_options import FIPS_REPORT
from careen.pipeline.hardening.fips_report import fips_documents
from careen.pipeline.run.evidence import write_manifest
from careen.pipeline.run.report_documents import SBOM, SPDX, VEX, ReportDocuments
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.pipeline.run.timestamp import now
from careen.report.directory import clear_report, write_report
from careen.report.documents.contract import FILE as CONTRACT
from careen.report.documents.contract import contract_json
from careen.triage.parts import BY_PARTS

LOCK = "base-lock.json"
PROVENANCE = "provenance.json"
SCAN = "findings.json"
BASE_REPORT = (LOCK, PROVENANCE, SBOM, SPDX, SCAN, VEX, *FIPS_REPORT, CONTRACT, MANIFEST)


@dataclass(frozen=True, slots=True)
class BaseReport:
    """What a report directory of a base is made of."""

    directory: Path
    built: BuiltBase
    examined: Examined
    scan: ScanReport | None
    choices: Mapping[str, object]
    fips: FipsReport | None = None
    contract: Contract | None = None


def scan_base(
    examined: Examined, database: Path, session: Session
) -> tuple[ScanReport | None, BaseFindings | None]:
    """Return the findings of an image and their count; None without a database."""
    if not database.exists():
        session.progress.note(
            f"findings are not counted: there is no advisory database {str(database)!r}; `careen"
            " db update` makes one"
        )
        return None, None
    with session.stage("findings"), open_store(database) as store:
        stock = _stock(examined, session)
        report = report_on(Given(None, hear(FindingPolicy())), store, stock)
    found = [item.finding for item in report.findings]
    compared = report.compared
    return report, BaseFindings(
        len(found),
        sum(each.fixable for each in found),
        own_date(report)[:10],
        compared.packages - compared.compared,
        sum(each.by == BY_PARTS for each in report.suppressed),
    )


def require_no_fix(report: ScanReport | None, database: Path) -> None:
    """Raise PolicyError if a finding has a fix or a package was not compared with any advisory,
    InputError if there was no database.
    """
    if report is None:
        msg = f"--no-fixable: needs the advisory database {str(database)!r}; `careen db update`"
        raise InputError(msg)
    found = [item.finding for item in report.findings if item.finding.fixable]
    if found:
        first = found[0]
        msg = (
            f"{len(found)} findings have a fix, for example {first.id} of {first.package}, fixed in"
            f" {first.fixed[0]}; build with newer packages, without --lock; nothing was promoted"
        )
        raise PolicyError(msg)
    if gap := report.compared.gap:
        msg = (
            f"--no-fixable: {gap}, so whether a fix exists is unknown; import the missing feeds"
            " with `careen db update`, or build without --no-fixable; nothing was promoted"
        )
        raise PolicyError(msg)


def own_date(report: ScanReport) -> str:
    """Return the date of the oldest feed of the image's own distribution, else "unknown"."""
    found = report.inventory.distribution
    if found is None:
        return "unknown"
    dates = [
        feed.date
        for feed in report.feeds
        if feed.name.partition("-")[0] == found.id
        or any(x.partition(":")[0].lower() == found.id for x in feed.ecosystems)
    ]
    return "unknown" if not all(dates) else min(dates, default="unknown")


def leave_report(left: BaseReport, session: Session) -> None:
    """Write the report directory of a built base. Raises InputError if it cannot be written."""
    about = Subject(
        subject_of(_name(left), left.examined.image.ref, left.examined.image.ref.digest),
        None,
        left.examined.rootfs,
    )
    report = left.scan or _without_findings(left.examined, session)
    documents = {
        LOCK: written(left.built.lock),
        PROVENANCE: _json(base_provenance(left.built, session.started, now(), __version__)),
        SBOM: document("cyclonedx-sbom", report, about),
        SPDX: document("spdx", report, about),
    }
    if left.scan is not None:
        documents[SCAN] = document("json", report, about)
        if left.scan.findings:
            documents[VEX] = document("openvex", report, about)
    if left.fips is not None:
        documents |= fips_documents(left.fips)
    if left.contract is not None:
        documents[CONTRACT] = contract_json(left.contract)
    clear_report(left.directory, BASE_REPORT)
    write_report(left.directory, documents)
    named = Named(_name(left), left.examined.image.ref.digest)
    feeds = () if left.scan is None else left.scan.feeds
    manifest = Manifest(
        __version__,
        Named(left.built.entry, left.examined.image.ref.digest),
        named,
        left.built.places,
        session.started,
        now(),
        policy_of(dict(left.choices)),
        tuple({"name": x.name, "date": x.date, "imported": x.imported} for x in feeds),
    )
    write_manifest(ReportDocuments(left.directory), manifest)


def _name(left: BaseReport) -> str:
    return left.built.places[0] if left.built.places else left.built.entry


def _stock(examined: Examined, session: Session) -> Stock:
    """Return all that is inside, vendored and embedded packages included, as a scan lists it."""
    ref, rootfs = examined.image.ref, examined.rootfs
    inventory = session.known.stock(ref, rootfs, examined.inventory)
    return Stock(ref.reference, ref.digest, inventory, ref, rootfs)


def _without_findings(examined: Examined, session: Session) -> ScanReport:
    stock = _stock(examined, session)
    return ScanReport(stock.subject, stock.digest, stock.inventory, (), (), now())


def _json(document: Mapping[str, object]) -> bytes:
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()
