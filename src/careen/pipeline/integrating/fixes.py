"""Whether a fix that became known is a reason to do everything again."""

from pathlib import Path

from careen.model.findings.triage import ScanReport
from careen.model.integration import Decision
from careen.model.patching import Blocked
from careen.pipeline.integrating.decide import new_fixes, of_incident, upgrades_help, with_fixes
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.state import Key
from careen.pipeline.run.session import Session


def for_fixes(
    request: CiRequest,
    decision: Decision,
    known: frozenset[Key] | None,
    report: ScanReport | None,
    evidence: Path,
    session: Session,
) -> tuple[Decision, tuple[Blocked, ...]]:
    """Return the decision after a look at new fixes, and what stands against some of them.

    `known` are the fixes that the last scan knew (None: there was none).
    """
    patches, wanted = request.patch is not None, request.fixes
    fixes = of_incident(new_fixes(known, report, wanted), request.about)
    if not fixes or not upgrades_help(decision, request.mode, patches=patches, wanted=bool(wanted)):
        return decision, ()
    # Its imports take longer than a run without new fixes.
    from careen.pipeline.integrating.closable import closable

    found = closable(request, evidence, fixes, session)
    return with_fixes(decision, found.findings, found.why), found.blocked
