"""Priority of a finding by a documented rule (docs/triage.md), with its parts in words."""

from dataclasses import dataclass

from careen.model.findings.advisory import Severity, VendorStatus
from careen.model.findings.finding import Finding
from careen.model.findings.triage import Priority, Tier, Witness
from careen.triage.affected import VULNERABLE_CODE
from careen.triage.tiers import Proof
from careen.triage.vectors import VectorAssessment, easiest_attack

EPSS_LIKELY = 0.5
"""More likely than not to be exploited within 30 days.

EPSS is a calibrated probability, so the threshold has a meaning.
"""

EPSS_RAISED = 0.1
"""One in ten is exploited within 30 days; about nine in ten CVEs score lower."""

KERNEL_HEADERS = "kernel headers: no kernel code runs from them"
"""Verdict for a kernel's findings in its headers."""

NO_KEV = "CISA's KEV list is not in the database"

RUNS = frozenset({Tier.EXECUTED, Tier.LOADED})
MAY_RUN = RUNS | {Tier.NOT_PROFILED}
"""Tiers judged as running; unknown use counts, except where a rule needs proof."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Whether a program that uses the code listens.

    `ports` are its ports. `reachable`: None if it is unknown which program listens or what runs.
    `who` names the program in a sentence, after that of the first witness.
    """

    reachable: bool | None
    ports: tuple[int, ...] = ()
    who: str = "; that program"


@dataclass(frozen=True, slots=True)
class PriorityDecision:
    """A priority and its reasons in the order of the rule; the last one is the verdict."""

    priority: Priority
    reasons: tuple[str, ...]


def judge(
    finding: Finding,
    proof: Proof,
    listening: Listening,
    *,
    kernel_headers: bool = False,
    has_kev: bool = True,
) -> PriorityDecision:
    """Return the priority of a finding.

    A stronger tier, a KEV entry, a higher EPSS score or severity never lowers it. `kernel_headers`:
    the package holds nothing but kernel headers, and was not seen to run. `has_kev`: the database
    has CISA's list.
    """
    assessed = easiest_attack(finding.scores)
    priority, rule = _decide(finding, proof.tier, listening, assessed)
    if kernel_headers:
        priority, rule = Priority.TRACK, KERNEL_HEADERS
    parts = (
        *_use(proof, listening),
        *_exploited(finding, has_kev=has_kev),
        _vector(assessed),
        _severity(finding),
        _fix(finding),
        f"{priority.value}: {rule}",
    )
    return PriorityDecision(priority, parts)


def _decide(
    finding: Finding, tier: Tier, listening: Listening, assessed: VectorAssessment | None
) -> tuple[Priority, str]:
    """Apply the rule of docs/triage.md row by row; the first that holds decides."""
    if tier is Tier.REMOVED:
        return Priority.TRACK, "its files are gone"
    known = finding.kev is not None
    epss = finding.epss.score if finding.epss is not None else 0.0
    severity = finding.severity
    high = severity >= Severity.HIGH or severity is Severity.UNKNOWN
    if tier not in MAY_RUN:
        if known:
            return Priority.ATTEND, "exploited in the wild; present, but not seen to run"
        if epss >= EPSS_LIKELY and high:
            return Priority.ATTEND, "likely to be exploited; present, but not seen to run"
        return Priority.TRACK, "not seen to run"
    if known:
        return Priority.ACT, "exploited in the wild" + _and(tier)
    if epss >= EPSS_LIKELY and high:
        return Priority.ACT, "likely to be exploited" + _and(tier)
    anybody = assessed is None or assessed.reach.open
    if (
        tier in RUNS
        and severity is Severity.CRITICAL
        and anybody
        and listening.reachable is not False
    ):
        return Priority.ACT, "critical, runs, and " + (
            "its attack vector is unknown" if assessed is None else "its attack vector is open"
        )
    # NEGLIGIBLE is the vendor's rating of this package; EPSS only knows the CVE.
    if epss >= EPSS_RAISED and severity is not Severity.NEGLIGIBLE:
        return Priority.ATTEND, "raised probability of exploitation" + _and(tier)
    if severity is Severity.CRITICAL:
        return Priority.ATTEND, "critical" + _and(tier)
    if high and (finding.fixable or severity is Severity.UNKNOWN):
        return Priority.ATTEND, (
            "no severity rating" if severity is Severity.UNKNOWN else "high, with a fix available"
        ) + _and(tier)
    if severity >= Severity.HIGH:
        return Priority.TRACK, "high, but no sign of exploitation and no fix available"
    if epss >= EPSS_RAISED:
        return Priority.TRACK, f"{severity.word} in this package, even if exploited in others"
    return Priority.TRACK, f"{severity.word}, and no sign of exploitation"


def _and(tier: Tier) -> str:
    return ", and it runs" if tier in RUNS else ", and may run"


def _use(proof: Proof, listening: Listening) -> tuple[str, ...]:
    out: list[str] = []
    if proof.witnesses:
        out.append(_seen(proof.witnesses[0], proof) + _listens(proof, listening))
    elif proof.tier is Tier.PRESENT:
        out.append("not seen to be used")
    elif proof.tier is Tier.REMOVED:
        out.append("removed")
    if proof.doubt:
        out.append(proof.doubt)
    return tuple(out)


def _seen(witness: Witness, proof: Proof) -> str:
    what = "vulnerable code " if proof.scope == VULNERABLE_CODE else ""
    inside = f"inside {witness.path}, " if proof.tier is Tier.LOADED else ""
    who = (
        f" by {witness.executable}"
        if witness.executable
        else " by the container runtime"
        if witness.use == "executed"
        else ""
    )
    checked = "the health check of " if proof.health_check_only else ""
    return f"{what}{inside}{witness.use}{who} in {checked}workload {witness.workload!r}"


def _listens(proof: Proof, listening: Listening) -> str:
    ports = ", ".join(map(str, listening.ports))
    if proof.tier not in RUNS:
        return ""
    match listening.reachable:
        case True:
            return f"{listening.who} listens on {ports}"
        case False:
            return "; no program that uses it listens on a port"
        case None:
            return (
                f"; the workload listens on {ports}, with an unknown program"
                if ports
                else "; unknown whether it listens"
            )


def _exploited(finding: Finding, *, has_kev: bool) -> tuple[str, str]:
    kev, epss = finding.kev, finding.epss
    first = "not on CISA's KEV list" if has_kev else NO_KEV
    if kev is not None:
        first = (
            "on CISA's KEV list since"
            f" {kev.added or 'an unknown date'}{', used by ransomware' if kev.ransomware else ''}"
        )
    return (
        first,
        "EPSS unknown" if epss is None else f"EPSS {epss.words} ({epss.date or 'no date'})",
    )


def _vector(assessed: VectorAssessment | None) -> str:
    if assessed is None:
        return "attack vector unknown: no CVSS vector"
    reach, score = assessed.reach, assessed.score
    way = "network" if reach.network else "not over the network"
    parts = (
        way,
        "no privileges" if reach.no_privileges else "needs privileges",
        "" if reach.no_interaction else "needs a user's action",
    )
    number = f" {score.score:.1f}" if score.score is not None else ""
    return f"{', '.join(part for part in parts if part)} (CVSS {score.version}{number}, {score.by})"


def _severity(finding: Finding) -> str:
    if finding.severity is Severity.UNKNOWN:
        return "severity unknown"
    return (
        f"{finding.severity.word} ({finding.severity_source})"
        if finding.severity_source
        else finding.severity.word
    )


_VENDOR = {
    VendorStatus.WONT_FIX: "the vendor will not fix it",
    VendorStatus.END_OF_LIFE: "the release is end-of-life",
    VendorStatus.DEFERRED: "the vendor has deferred the fix",
    VendorStatus.UNDETERMINED: "the vendor has not decided whether it is affected",
}


def _fix(finding: Finding) -> str:
    if finding.fixed:
        return f"fixed in {finding.fixed[0]}"
    vendor = _VENDOR.get(finding.status)
    return f"no fix is known: {vendor}" if vendor else "no fix is known"
