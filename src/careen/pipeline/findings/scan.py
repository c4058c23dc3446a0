"""Scan an image or an SBOM: inventory, findings, triage."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.advisories.database.store import Store, open_store
from careen.advisories.matching.match import match
from careen.errors import CareenError, InputError
from careen.evidence.scanners.locate import Locator
from careen.evidence.scanners.read import read_report
from careen.evidence.scanners.report import ForeignReport
from careen.model.findings.advisory import Feed
from careen.model.findings.finding import Finding, Matched
from careen.model.findings.triage import ObservedBy, ScanReport, Triaged
from careen.model.packages.package import Inventory
from careen.model.rbom import ImageRef, RuntimeBom
from careen.pipeline.findings.finding_policy import FindingPolicy, Heard, hear
from careen.pipeline.findings.scan_outputs import Output, Subject, check_template, document
from careen.pipeline.findings.scan_source import SBOM, Stock, open_inventory, with_unowned
from careen.pipeline.findings.vex import subject_of
from careen.pipeline.run.session import Session
from careen.pipeline.run.timestamp import now
from careen.rbom.store import load_rbom
from careen.report.old_feeds import old_feeds
from careen.tools.read_file import read_file
from careen.triage.applied import Applied
from careen.triage.ignore.apply import apply_ignore_rules
from careen.triage.parts import set_aside_parts
from careen.triage.policy import check_conditions, crossed, exempt_unrated, select
from careen.triage.triage import observed_by, triage
from careen.triage.unanswered import unanswered, unseen
from careen.triage.vex_apply import apply_vex

MAX_REPORT = 1 << 30  # bytes of another scanner's report; the largest seen had about 50 MB


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to scan (an image, or `sbom:FILE`), and what to write.

    With an RBOM the findings are triaged by it. With `report`, another scanner's findings replace
    careen's. `template` is the user's own, for the output format `template`.
    """

    subject: str
    database: Path
    rbom: Path | None = None
    report: Path | None = None
    judgement: FindingPolicy = field(default_factory=FindingPolicy)
    outputs: tuple[Output, ...] = ()
    template: Path | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """A report, the documents to write by path, and a sentence per document that failed."""

    report: ScanReport
    documents: Mapping[Path, bytes]
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The files that the user named, read before the image."""

    bom: RuntimeBom | None
    heard: Heard
    foreign: ForeignReport | None = None


def scan(request: ScanRequest, session: Session) -> Scanned:
    """Return the report, and every requested document.

    Raises InputError (an unusable file or name), ImageError, ToolError (no daemon) or ConfigError
    (no database).
    """
    given = _read(request)
    with _opened(request, given) as store:
        _check(given, store)
        with session.stage("inspect"), open_inventory(request.subject, session) as stock:
            report = report_on(given, store, stock)
            about = Subject(
                subject_of(stock.subject, stock.ref, stock.digest), request.template, stock.rootfs
            )
            return _written(report, request.outputs, about)


def _written(report: ScanReport, outputs: Sequence[Output], about: Subject) -> Scanned:
    """Make every document; a failed one does not affect the others."""
    documents: dict[Path, bytes] = {}
    failed: list[str] = []
    for output in outputs:
        try:
            documents[output.path] = document(output.format, report, about)
        except CareenError as error:
            failed.append(f"output {output.format}: {error}")
    return Scanned(report, documents, tuple(failed))


def _read(request: ScanRequest) -> Given:
    """Read the files that the user named."""
    if request.report is not None and request.subject.startswith(SBOM):
        msg = (
            f"--from-report needs the image, not an SBOM: name the image that {request.report} is"
            " about"
        )
        raise InputError(msg)
    check_template(request.outputs, request.template)
    return Given(
        bom=load_rbom(request.rbom) if request.rbom is not None else None,
        heard=hear(request.judgement),
        foreign=(
            read_report(read_file(request.report, MAX_REPORT), str(request.report))
            if request.report is not None
            else None
        ),
    )


@contextmanager
def _opened(request: ScanRequest, given: Given) -> Iterator[Store | None]:
    """Yield the open database, or None if it is missing and the findings are another scanner's.

    Those findings then lack KEV and EPSS.
    """
    if given.foreign is not None and not request.database.exists():
        yield None
        return
    with open_store(request.database) as store:
        yield store


def _check(given: Given, store: Store | None) -> None:
    """Refuse a condition that cannot be evaluated before the image is read."""
    # Whether the RBOM is of this image is only known once the image is open.
    observed = replace(observed_by(given.bom, None), exact=True) if given.bom is not None else None
    check_conditions(
        given.heard.fail_on,
        "--fail-on",
        observed=observed,
        feeds=None if store is None else store.feeds(),
    )
    for conditions in given.heard.selection.only:
        check_conditions(
            # Without KEV the list is visibly empty, so feeds are not checked.
            conditions,
            "--only",
            observed=observed,
            feeds=None,
        )


def report_on(given: Given, store: Store | None, stock: Stock) -> ScanReport:
    """Return the findings of an inventory, judged."""
    foreign, heard = given.foreign, given.heard
    found = (
        theirs(foreign, stock.inventory, store)
        if foreign is not None
        else match(stock.inventory, store)
        if store is not None
        else Matched(())
    )
    image = stock.ref or _stated(stock)
    observed = observed_by(given.bom, image) if given.bom is not None else None
    feeds: tuple[Feed, ...] = () if store is None else store.feeds()
    items = triage(found.findings, stock.inventory, given.bom, image, stock.rootfs, feeds=feeds)
    left = suppress(items, heard, stock)
    chosen = select(left.findings, heard.selection, observed)
    created = now()
    report = ScanReport(
        subject=stock.subject,
        digest=stock.digest,
        inventory=stock.inventory,
        findings=chosen.listed,
        feeds=feeds,
        created=created,
        suppressed=left.suppressed,
        uncovered=found.uncovered,
        observed=observed,
        warnings=(
            *filter(None, (old_feeds(feeds, created),)),
            *stock.warnings,
            *found.problems,
            *heard.problems,
            *_doubts(observed),
            *left.warnings,
            *chosen.notes,
            *exempt_unrated(chosen.listed, heard.fail_on, observed),
        ),
        crossed=crossed(chosen.listed, heard.fail_on, observed, feeds if foreign is None else None),
        origin="careen" if foreign is None else foreign.origin,
        problems=found.problems,
    )
    if foreign is None:
        compared = report.compared
        report = replace(
            report,
            warnings=(*report.warnings, *unseen(heard.fail_on, compared)),
            crossed=(*unanswered(heard.fail_on, compared), *report.crossed),
        )
    return report if stock.rootfs is None else with_unowned(report, stock.rootfs)


def _stated(stock: Stock) -> ImageRef | None:
    """Return the image that an SBOM says it describes, or None."""
    # The digest is the manifest's or the configuration's; the user vouches for the SBOM.
    return ImageRef(stock.subject, stock.digest, stock.digest, (), "") if stock.digest else None


def suppress(items: tuple[Triaged, ...], heard: Heard, stock: Stock) -> Applied:
    """Set aside code that is not there, then apply VEX statements and the ignore file."""
    parts = set_aside_parts(items, stock.inventory)
    stated = apply_vex(
        parts.findings,
        heard.statements,
        stock.inventory,
        subject_of(stock.subject, stock.ref, stock.digest).identifiers(),
    )
    ignored = apply_ignore_rules(
        stated.findings,
        heard.rules,
        dt.date.fromisoformat(now()[:10]),
        stock.inventory,
        [item.triaged.finding for item in (*parts.suppressed, *stated.suppressed)],
    )
    return Applied(
        ignored.findings,
        (*parts.suppressed, *stated.suppressed, *ignored.suppressed),
        (*stated.warnings, *ignored.warnings),
    )


def theirs(report: ForeignReport, inventory: Inventory, store: Store | None) -> Matched:
    """Return another scanner's findings, with their packages located and our data added.

    The database adds KEV, EPSS and CVSS.
    """
    locator = Locator(inventory)
    findings = tuple(
        _completed(replace(finding, package=locator.locate(finding) or finding.package), store)
        for finding in report.findings
    )
    lost = sum(finding.package not in inventory.packages for finding in findings)
    problem = (
        f"{lost:,} of the {len(findings):,} findings of {report.origin} are about packages that"
        " are not in the image: they have no evidence"
    )
    return Matched(findings, (), (*report.problems, *((problem,) if lost else ())))


def _completed(finding: Finding, store: Store | None) -> Finding:
    if store is None:
        return finding
    return replace(
        finding,
        kev=finding.kev or store.kev(finding.id),
        epss=finding.epss or store.epss(finding.id),
        ssvc=finding.ssvc or store.ssvc(finding.id),
        scores=tuple(dict.fromkeys((*finding.scores, *store.scores(finding.id)))),
    )


def _doubts(observed: ObservedBy | None) -> tuple[str, ...]:
    if observed is None or observed.completeness.complete:
        return ()
    return (
        (
            f"the profile is incomplete: {observed.completeness.sentence()}: code that was not"
            " observed may have run"
        ),
    )
