"""Assess images against frameworks."""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from careen import __version__
from careen.advisories.database.store import Store, open_store
from careen.compliance.assess import map_items, run_checks
from careen.compliance.checks.supply.findings import NO_DATABASE
from careen.compliance.frameworks import load_frameworks
from careen.compliance.subject import Subject
from careen.cryptography.certificates import load_certificates
from careen.cryptography.standing import Judge
from careen.errors import InputError
from careen.evidence.compliance.cklb import STIG
from careen.evidence.compliance.stig_benchmark import StigBenchmark
from careen.evidence.cyclonedx.cbom import to_cbom
from careen.evidence.directory.population import FILE as POPULATION
from careen.evidence.directory.population import SOC2, population_csv
from careen.formats.oci_purl import repository_of
from careen.inventory.rpm.digests import rpm_digests
from careen.model.compliance.assessment import Assessment, Compliance, DatedSource
from careen.model.compliance.framework import Framework
from careen.model.compliance.result import Result
from careen.model.cryptography.module import CryptoInventory
from careen.model.findings.triage import ScanReport
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.pipeline.assessing.cryptography import cryptography_of
from careen.pipeline.assessing.document_names import CBOM, OSCAP_RESULTS
from careen.pipeline.assessing.fedramp import FedrampWish, Provider, fedramp_documents
from careen.pipeline.assessing.secrets import secrets_of
from careen.pipeline.findings.finding_policy import FindingPolicy, Heard, hear
from careen.pipeline.findings.scan import Given, report_on
from careen.pipeline.findings.scan_source import Stock
from careen.pipeline.run.history import histories_of
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine, open_source
from careen.pipeline.run.timestamp import now
from careen.pipeline.second_opinion import OFF, check_oscap, second_opinion
from careen.rbom.store import load_rbom


@dataclass(frozen=True, slots=True)
class ComplyRequest:
    """Images, and the frameworks to assess them against, by name or file.

    `database` is that of advisories, whether it exists or not. `rbom` is of the one image. `oscap`
    is `off`, `auto` or a data stream, `certificates` a list in the place of careen's, `numbers` are
    DISA's for the checklist.
    """

    images: tuple[str, ...]
    frameworks: tuple[str, ...]
    database: Path
    rbom: Path | None = None
    oscap: str = OFF
    judgement: FindingPolicy = field(default_factory=FindingPolicy)
    fedramp: FedrampWish = field(default_factory=FedrampWish)
    certificates: Path | None = None
    numbers: StigBenchmark | None = None


@dataclass(frozen=True, slots=True)
class Complied:
    """The assessments, and for each the documents that are not made of it alone, by name."""

    compliance: Compliance
    written: tuple[Mapping[str, bytes], ...]


def comply(request: ComplyRequest, session: Session) -> Complied:
    """Return an assessment for each image.

    Raises InputError or ConfigError for a framework or an RBOM that cannot be used, ImageError.
    """
    check_oscap(request.oscap)
    frameworks = load_frameworks(request.frameworks, dt.datetime.now(dt.UTC).date())
    if request.numbers is not None:
        _require_numbered(request.numbers, frameworks)
    bom = load_rbom(request.rbom) if request.rbom is not None else None
    heard = hear(request.judgement)
    there = request.database.exists()
    fedramp = request.fedramp.read(frameworks, findings=there)
    with ExitStack() as opened:
        store = opened.enter_context(open_store(request.database)) if there else None
        known = Known(frameworks, bom, store, heard, fedramp, request.certificates)
        pairs = [_assess(image, request, known, session) for image in request.images]
    return Complied(
        Compliance(tuple(assessment for assessment, _ in pairs)),
        tuple(written for _, written in pairs),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What is read once for all images: frameworks, RBOM, database, allow-list, provider's file."""

    frameworks: Sequence[Framework]
    bom: RuntimeBom | None
    store: Store | None
    heard: Heard
    fedramp: Provider | None
    certificates: Path | None = None


def _assess(
    text: str, request: ComplyRequest, known: Known, session: Session
) -> tuple[Assessment, Mapping[str, bytes]]:
    started = now()
    with session.stage("inspect"), open_source(text, session) as image:
        examined = examine(image, session)
        if known.bom is not None:
            _require_same(known.bom, examined)
        subject = Subject(
            image,
            examined.rootfs,
            examined.inventory,
            today=dt.date.fromisoformat(started[:10]),
            rbom=known.bom,
            findings=_findings(text, examined, known),
            secrets=secrets_of(examined, known.frameworks, known.heard.rules, session),
            cryptography=_cryptography(examined, known, session),
            recorded=lambda: rpm_digests(examined.rootfs),
        )
        session.say("running the checks")
        checks = run_checks(subject, known.frameworks)
        found = map_items(known.frameworks, checks)
        other = second_opinion(request.oscap, subject, checks, session)
        written = {OSCAP_RESULTS: other.document} if other is not None and other.document else {}
        assessment = Assessment(
            subject=image.reference,
            digest=image.ref.digest,
            config_digest=image.ref.config_digest,
            platform=image.ref.platform,
            tool=f"careen {__version__}",
            started=started,
            ended=now(),
            paths=len(examined.rootfs),
            packages=len(examined.inventory.packages),
            databases=_databases(subject),
            inputs=_inputs(request),
            notes=_notes(subject),
            checks=checks,
            frameworks=found,
            second_opinion=None if other is None else other.opinion,
            cryptography=subject.cryptography,
        )
        return assessment, {**written, **_documents(subject, assessment, known)}


def _documents(subject: Subject, assessment: Assessment, known: Known) -> Mapping[str, bytes]:
    """Return the documents of frameworks that have their own."""
    out: dict[str, bytes] = {}
    if known.fedramp is not None and subject.findings is not None:
        rules = known.heard.rules
        out |= fedramp_documents(subject.findings, assessment, known.fedramp, rules)
    if assessment.cryptography is not None:
        out[CBOM] = to_cbom(
            assessment.subject,
            assessment.digest,
            assessment.cryptography,
            created=assessment.started,
        )
    if any(each.id == SOC2 for each in known.frameworks):
        repository = repository_of(assessment.subject) or assessment.subject
        out[POPULATION] = population_csv(histories_of(repository))
    return out


def _cryptography(examined: Examined, known: Known, session: Session) -> CryptoInventory | None:
    """Return the cryptography of an image, None if no framework asks for it."""
    asked = (check for framework in known.frameworks for check in framework.checks())
    if not any(check.startswith("crypto-") for check in asked):
        return None
    session.say("looking for cryptography")
    today = dt.datetime.now(dt.UTC).date()
    judge = Judge(load_certificates(known.certificates, today), today)
    return cryptography_of(examined, judge, known.bom)


def _require_numbered(numbers: StigBenchmark, frameworks: Sequence[Framework]) -> None:
    """Raise InputError if no checklist of this run has rules of the benchmark."""
    checklists = [each for each in frameworks if each.id.startswith(STIG)]
    if not checklists:
        msg = "--stig-benchmark: no checklist is written: add --framework stig-gpos"
        raise InputError(msg)
    if not any(item.id in numbers.rules for each in checklists for item in each.items):
        msg = (
            f"--stig-benchmark: {numbers.title[:80]!r} has none of the rules of"
            f" {', '.join(each.id for each in checklists)}; give the benchmark of this framework"
        )
        raise InputError(msg)


def _require_same(bom: RuntimeBom, examined: Examined) -> None:
    """Raise InputError if the RBOM is of another image: what ran is not in this one."""
    ran = (
        file.path
        for file in bom.without_exploration().files
        if any(use.use in (Use.EXECUTED, Use.MAPPED) for use in file.uses)
    )
    lacking = next((path for path in ran if path not in examined.rootfs), None)
    if lacking is not None:
        msg = (
            f"the RBOM is of another image: {lacking} ran in {bom.image.reference}, and is not in"
            f" {examined.image.reference}; profile this image"
        )
        raise InputError(msg)


def _findings(text: str, examined: Examined, known: Known) -> ScanReport | None:
    """Return the findings of an image, or None without a database."""
    if known.store is None:
        return None
    image = examined.image
    stock = Stock(text, image.ref.digest, examined.inventory, image.ref, examined.rootfs)
    return report_on(Given(known.bom, known.heard), known.store, stock)


def _databases(subject: Subject) -> tuple[DatedSource, ...]:
    feeds = subject.findings.feeds if subject.findings is not None else ()
    return tuple(DatedSource(feed.name, feed.date or feed.imported) for feed in feeds)


def _inputs(request: ComplyRequest) -> tuple[str, ...]:
    """Return what the user gave besides the image."""
    given = [
        f"framework {Path(name).name}" for name in request.frameworks if name.endswith(".toml")
    ]
    return (*given, *(() if request.rbom is None else (f"RBOM {request.rbom.name}",)))


def _notes(subject: Subject) -> tuple[str, ...]:
    """Return what limits the assessment."""
    unread = (f"{each.path}: {each.reason}" for each in subject.inventory.unknowns)
    if subject.findings is None:
        return (NO_DATABASE, *unread)
    excused = subject.findings.suppressed
    noted = (
        (f"{len(excused):,} findings are excused, the first by {excused[0].by}",) if excused else ()
    )
    return (*subject.findings.warnings, *noted, *unread)


def fails(compliance: Compliance) -> bool:
    """Return whether an item of any framework failed."""
    return any(
        item.result is Result.FAIL
        for assessment in compliance.assessments
        for framework in assessment.frameworks
        for item in framework.items
    )
