"""What to harden, how, and where the results go."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careen.errors import PolicyError
from careen.evidence.directory.layout import ATTESTATIONS, MANIFEST
from careen.model.catalog.terms import Terms
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.model.runs.compose import HARDENED
from careen.model.runs.engine import PreparedImage
from careen.model.runs.workload import Workload
from careen.model.verdict import Verdict
from careen.oci.image import Image
from careen.pipeline.findings.finding_policy import FindingPolicy
from careen.pipeline.findings.findings import DOCUMENTS
from careen.pipeline.hardening.fips_options import FIPS_REPORT, FipsOptions
from careen.pipeline.run.attachments import attachments_of
from careen.pipeline.run.promote import Push, promote
from careen.pipeline.run.report_documents import SUMMARY
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination, PlanChoices, ProofChoices
from careen.pipeline.run.source import Examined
from careen.pipeline.upgrading.options import PatchOptions
from careen.registries.deliver import Packed
from careen.report.directory import write_report
from careen.report.documents.verify import verify_json
from careen.report.finished import PAGE

REPORT = (
    MANIFEST,
    SUMMARY,
    PAGE,
    "report.md",
    "report.json",
    "report.pdf",
    f"{ATTESTATIONS}/*.sigstore.json",
    "verify.json",
    "plan.json",
    "index.json",
    "rbom.json",
    "rbom.cdx.json",
    "adequacy.json",
    *DOCUMENTS,
    HARDENED,
    *FIPS_REPORT,
    "logs/original/*.log",
    "logs/hardened/*.log",
)


@dataclass(frozen=True, slots=True)
class Passed:
    """A hardened image that passed, and has no name yet.

    `prepared` is None if it was not run, `packed` if it is not to be pushed.
    """

    image: Image
    prepared: PreparedImage | None
    packed: Packed | None
    original: Examined
    plan: Plan


@dataclass(frozen=True, slots=True)
class Prepared:
    """An image that was changed before it is profiled, and what its plan must keep and remove.

    The manifest has `stated` among the choices of the run.
    """

    image: Examined
    terms: Terms
    stated: Mapping[str, Any] = field(default_factory=dict)


Prepare = Callable[[Examined, Session], AbstractContextManager[Prepared]]
"""Change an image after it was upgraded and before it is profiled."""

Deliver = Callable[["HardenRequest", Passed, Session], tuple[str, ...]]
"""Give an image that passed its names, and return them."""


def deliver(request: "HardenRequest", passed: Passed, session: Session) -> tuple[str, ...]:
    """Promote an image to the destination of the request."""
    attachments = attachments_of(request.report_directory, request.destination)
    return promote(
        passed.image,
        passed.prepared,
        request.destination,
        session,
        Push(passed.packed, attachments),
    )


@dataclass(frozen=True, slots=True)
class HardenRequest:
    """What to harden, how to test it, what to keep, and where the results go.

    Without a database, findings are not counted. With `patch` the image is upgraded first, and
    with `fips` FIPS mode is turned on in it; `prepare` changes it in between. With
    `dry_run` the run ends with the plan and needs no destination. `explored` is the exploration of
    an earlier version, which is carried over in place of exploring again.
    """

    image: str
    workloads: tuple[Workload, ...]
    choices: PlanChoices
    destination: Destination
    report_directory: Path
    database: Path | None = None
    judgement: FindingPolicy = field(default_factory=FindingPolicy)
    proof: ProofChoices = field(default_factory=ProofChoices)
    patch: PatchOptions | None = None
    fips: FipsOptions | None = None
    dry_run: bool = False
    deliver: Deliver = deliver
    closes: bool = True  # a platform's report is complete when the index is promoted
    explored: RuntimeBom | None = None
    prepare: Prepare | None = None


def write_files(request: HardenRequest, files: dict[str, bytes]) -> None:
    """Write files into the report directory of a request."""
    write_report(request.report_directory, files)


def write_verdict(request: HardenRequest, verdict: Verdict) -> None:
    """Write verify.json into the report directory of a request."""
    write_files(request, {"verify.json": verify_json(verdict)})


def refused(request: HardenRequest, gates: tuple[str, ...], name: str) -> PolicyError:
    """Return the error of crossed thresholds; `name` is the document that has the findings."""
    more = f" (and {len(gates) - 1} more)" if len(gates) > 1 else ""
    where = f" --report-dir {request.report_directory}" if request.dry_run else ""
    see = (
        f"see {request.report_directory / name}, `careen why {request.image} CVE-…{where}`; to"
        " accept a finding, list it in .careenignore with a reason"
    )
    return PolicyError(
        f"a threshold of --fail-on is crossed, nothing was promoted: {gates[0]}{more}; {see}"
    )
