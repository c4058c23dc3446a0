"""The outcome of a run whose result is the stored one."""

from careen.model.findings.triage import ScanReport
from careen.model.integration import Decision, Outcome
from careen.pipeline.integrating.delivery import places_asked
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.state import Stored

CROSSED = 2


def outcome_of(
    request: CiRequest, decision: Decision, stored: Stored, report: ScanReport | None
) -> Outcome:
    """Return what is known of a stored result, with its findings of today."""
    return Outcome(
        name=request.name,
        mode=request.mode,
        decision=decision,
        image=request.image,
        image_digest=stored.image,
        result_digest=stored.result,
        places=places_asked(request.destination, stored),
        report=report,
        last=stored.findings,
        done=stored.done,
        figures=stored.figures,
        status=CROSSED if report is not None and report.crossed else 0,
        evidence=str(request.evidence),
    )
