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
from careen.errors import BudgetError, CareenError, ConfigError, InputError, ToolError
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
from careen.pipeline.assessing.cryptography import cryptography_of
from careen.pipeline.assessing.document_names import CBOM, OSCAP_RESULTS
from careen.pipeline.assessing.fedramp import FedrampWish, Provider, fedramp_documents
from careen.pipeline.assessing.inputs import given_files, require_numbered, require_same
from careen.pipeline.assessing.second_opinion import AUTO, OFF, check_oscap, second_opinion
from careen.pipeline.assessing.secrets import secrets_of
from careen.pipeline.findings.finding_policy import FindingPolicy, Heard, hear
from careen.pipeline.findings.scan import Given, report_on
from careen.pipeline.findings.scan_source import Stock
from careen.pipeline.run.history import histories_of
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine, open_source
from careen.pipeline.run.timestamp import now
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
    """The assessments, and for each the documents that are not made of it alone, by name.

    `unread` are the images that could not be assessed, each with one line that says why.
    """

    compliance: Compliance
    written: tuple[Mapping[str, bytes], ...]
    unread: Mapping[str, str] = field(default_factory=dict)


def comply(request: ComplyRequest, session: Session) -> Complied:
    """Return an assessment for each image.

    Raises InputError or ConfigError for a framework or an RBOM that cannot be used, ImageError if
    there is one image and it cannot be read, or none of several can.
    """
    check_oscap(request.oscap)
    frameworks = load_frameworks(request.frameworks, dt.datetime.now(dt.UTC).date())
    if request.numbers is not None:
        require_numbered(request.numbers, frameworks)
    bom = load_rbom(request.rbom) if request.rbom is not None else None
    heard = hear(request.judgement)
    there = request.database.exists()
    fedramp = request.fedramp.read(frameworks, findings=there)
    with ExitStack() as opened:
        store = opened.enter_context(open_store(request.database)) if there else None
        known = Known(
            frameworks,
            bom,
            store,
            heard,
            fedramp,
            _judge(request, frameworks),
            _inputs(request, fedramp),
        )
        return _all(request, known, session)


def _all(request: ComplyRequest, known: "Known", session: Session) -> Complied:
    """Assess each image; one of several that cannot be read does not end the others."""
    pairs: list[tuple[Assessment, Mapping[str, bytes]]] = []
    troubles: dict[str, CareenError] = {}
    for image in request.images:
        try:
            pairs.append(_assess(image, request, known, session))
        except (BudgetError, ConfigError):  # of the run, not of this image
            raise
        except (InputError, ToolError) as error:
            troubles[image] = error
    if not pairs:
        raise next(iter(troubles.values()))
    return Complied(
        Compliance(tuple(assessment for assessment, _ in pairs)),
        tuple(written for _, written in pairs),
        {image: f"{image}: not assessed: {error}" for image, error in troubles.items()},
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What is read once for all images.

    `judge` has the certificates; it is None if no framework asks for cryptography.
    """

    frameworks: Sequence[Framework]
    bom: RuntimeBom | None
    store: Store | None
    heard: Heard
    fedramp: Provider | None
    judge: Judge | None = None
    inputs: tuple[str, ...] = ()


def _assess(
    text: str, request: ComplyRequest, known: Known, session: Session
) -> tuple[Assessment, Mapping[str, bytes]]:
    started = now()
    with session.stage("inspect"), open_source(text, session) as image:
        examined = examine(image, session)
        if known.bom is not None:
            require_same(known.bom, examined)
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
            inputs=known.inputs,
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
    if known.judge is None:
        return None
    session.say("looking for cryptography")
    return cryptography_of(examined, known.judge, known.bom)


def _judge(request: ComplyRequest, frameworks: Sequence[Framework]) -> Judge | None:
    asked = (check for framework in frameworks for check in framework.checks())
    if not any(check.startswith("crypto-") for check in asked):
        return None
    today = dt.datetime.now(dt.UTC).date()
    return Judge(load_certificates(request.certificates, today), today)


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


def _inputs(request: ComplyRequest, fedramp: Provider | None) -> tuple[str, ...]:
    """Return what the user gave besides the image, also by another file."""
    stream = None if request.oscap in (OFF, AUTO) else Path(request.oscap)
    return given_files(
        request.frameworks,
        (
            ("RBOM", request.rbom),
            ("certificates", request.certificates),
            ("ignore file", request.judgement.ignore_file),
            *(("VEX document", path) for path in request.judgement.vex),
            ("FedRAMP service", request.fedramp.service),
            ("FedRAMP rules", None if fedramp is None else fedramp.rules_file),
            ("OpenSCAP content", stream),
            ("STIG benchmark", None if request.numbers is None else request.numbers.path),
        ),
    )


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
