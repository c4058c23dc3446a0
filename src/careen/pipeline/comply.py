"""Assess images against frameworks."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen import __version__
from careen.compliance.assess import map_items, run_checks
from careen.compliance.frameworks import load_frameworks
from careen.compliance.subject import Subject
from careen.model.compliance.assessment import Assessment, Compliance
from careen.model.compliance.framework import Framework
from careen.model.compliance.result import Result
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine, open_source
from careen.pipeline.run.timestamp import now
from careen.rbom.store import load_rbom
from careen.report.documents import comply as document


@dataclass(frozen=True, slots=True)
class ComplyRequest:
    """Images, and the frameworks to assess them against, by name or file.

    `database` is that of advisories, whether it exists or not. `rbom` is of the one image.
    """

    images: tuple[str, ...]
    frameworks: tuple[str, ...]
    database: Path
    rbom: Path | None = None


def comply(request: ComplyRequest, session: Session) -> Compliance:
    """Return an assessment for each image.

    Raises InputError or ConfigError for a framework or an RBOM that cannot be used, ImageError.
    """
    frameworks = load_frameworks(request.frameworks, dt.datetime.now(dt.UTC).date())
    return Compliance(
        tuple(_assess(image, request, frameworks, session) for image in request.images)
    )


def _assess(
    text: str, request: ComplyRequest, frameworks: Sequence[Framework], session: Session
) -> Assessment:
    started = now()
    bom = load_rbom(request.rbom) if request.rbom is not None else None
    with session.stage("inspect"), open_source(text, session) as image:
        examined = examine(image, session)
        subject = Subject(image, examined.rootfs, examined.inventory, rbom=bom)
        session.say("running the checks")
        checks = run_checks(subject, frameworks)
        found = map_items(frameworks, checks)
        inputs = () if request.rbom is None else (f"RBOM {request.rbom.name}",)
        return Assessment(
            subject=image.reference,
            digest=image.ref.digest,
            config_digest=image.ref.config_digest,
            platform=image.ref.platform,
            tool=f"careen {__version__}",
            started=started,
            ended=now(),
            paths=len(examined.rootfs),
            packages=len(examined.inventory.packages),
            databases=(),
            inputs=inputs,
            notes=_notes(examined),
            checks=checks,
            frameworks=found,
        )


def _notes(examined: Examined) -> tuple[str, ...]:
    """Return what the checks could not read."""
    return tuple(f"{each.path}: {each.reason}" for each in examined.inventory.unknowns)


def documents_of(assessment: Assessment) -> dict[str, bytes]:
    """Return all documents of an assessment by file name."""
    return {document.FILE: document.comply_json(Compliance((assessment,)))}


def fails(compliance: Compliance) -> bool:
    """Return whether an item of any framework failed."""
    return any(
        item.result is Result.FAIL
        for assessment in compliance.assessments
        for framework in assessment.frameworks
        for item in framework.items
    )
