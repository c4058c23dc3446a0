"""What is open and checked before anything runs."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from careen.advisories.database.store import Store, open_store
from careen.errors import InputError
from careen.model.attestations.ended import EndedDocuments
from careen.model.findings.triage import ObservedBy
from careen.model.runs.completeness import Completeness
from careen.pipeline.findings.finding_policy import Heard, hear
from careen.pipeline.hardening.request import REPORT, HardenRequest
from careen.pipeline.run.ended import ended_documents
from careen.pipeline.run.promote import check_destination
from careen.pipeline.run.report_documents import SUMMARY, ReportDocuments
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, Located, examine, locate, open_located
from careen.pipeline.run.stripping import check_time
from careen.report.directory import clear_report, held_report
from careen.triage.policy import check_conditions
from careen.workload.validate import validate_workload


@dataclass(frozen=True, slots=True)
class Ground:
    """State before anything runs: the open original, the database and the finding policy.

    `located` is where the original was found, `ended` what was signed and attested of it.
    """

    original: Examined
    located: Located
    store: Store | None
    heard: Heard
    ended: EndedDocuments


@contextmanager
def ground(requests: Sequence[HardenRequest], session: Session) -> Iterator[Ground]:
    """Check the requests and open the image that they share, before any work is done."""
    first = requests[0]
    for request in requests:
        if request.dry_run:
            _refuse_used_report(request.report_directory)
        else:
            check_destination(request.destination, request.image, session)
        for workload in request.workloads:
            validate_workload(workload)
    check_time()
    heard = hear(first.judgement)
    session.require_engine_and_sensor()
    with ExitStack() as open_images:
        store = (
            open_images.enter_context(open_store(first.database))
            if first.database is not None
            else None
        )
        _check_gate(heard, store)
        with session.stage("inspect"):
            located = locate(first.image, session)
            image = open_images.enter_context(open_located(located, session))
            original = examine(image, session)
            ended = ended_documents(located, image.ref, session)
        for request in requests:
            # An unusable directory fails here, not after hours of tests.
            open_images.enter_context(held_report(request.report_directory))
            clear_report(request.report_directory, REPORT)
            # What the manifest cannot state is refused before the work, not after it.
            ReportDocuments(request.report_directory).require_plain()
        yield Ground(original, located, store, heard, ended)


def _refuse_used_report(directory: Path) -> None:
    """Refuse a directory with files that a dry run never writes; they belong to another run."""
    found = next(
        (
            name
            for name in (SUMMARY, "verify.json", "patch.json")
            if os.path.lexists(directory / name)
        ),
        None,
    )
    if found is not None:
        msg = (
            f"report directory {str(directory)!r}: has a {found} of another run; name another"
            " directory for a dry run"
        )
        raise InputError(msg)


def _check_gate(heard: Heard, store: Store | None) -> None:
    """Refuse a `--fail-on` condition that cannot be evaluated, before hours of tests."""
    if heard.fail_on and store is None:
        msg = (
            "--fail-on needs an advisory database: `careen db update` makes one, or name one with"
            " --db"
        )
        raise InputError(msg)
    # The RBOM will be of this image.
    presumed = ObservedBy(workloads=(), seconds=0.0, completeness=Completeness(), checked=())
    check_conditions(
        heard.fail_on, "--fail-on", observed=presumed, feeds=() if store is None else store.feeds()
    )
