"""Answers to the four questions of CISA's BOD 26-04, each with its source.

Data that is missing gives UNKNOWN. NO needs a source that says so: a complete RBOM, a vector, a
catalogue.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from careen.formats.cvss_vector import parse_vector
from careen.model.findings.advisory import KEV, CvssScore, Feed, SsvcAssessment
from careen.model.findings.finding import Finding
from careen.model.findings.questions import Answer, Answered, FourQuestions
from careen.triage.priority import RUNS, Listening
from careen.triage.tiers import Proof

_YES_OR_NO = {True: Answer.YES, False: Answer.NO}
_AUTOMATABLE = {"Y": Answer.YES, "N": Answer.NO}  # AU of CVSS 4.0
_TOP = {"2": "C", "3": "H", "4": "H"}  # the worst impact, by version
_VULNERABLE_SYSTEM = {"2": ("C", "I", "A"), "3": ("C", "I", "A"), "4": ("VC", "VI", "VA")}


def answer_questions(
    finding: Finding, proof: Proof, listening: Listening, feeds: Iterable[Feed]
) -> FourQuestions:
    """Return the four answers for one finding. `feeds` are those of the database."""
    return FourQuestions(
        exposed=_exposed(proof, listening),
        automatable=_automatable(finding),
        total_control=_total_control(finding),
        exploited=_exploited(finding, feeds),
    )


def _exposed(proof: Proof, listening: Listening) -> Answered:
    ports = ", ".join(map(str, listening.ports))
    if listening.reachable:
        doubt = f"; {proof.doubt}" if proof.doubt else ""
        return Answered(Answer.YES, f"RBOM: a program that uses it listens on {ports}{doubt}")
    if listening.reachable is False:
        return Answered(Answer.NO, "RBOM: no program that uses it listens")
    if proof.tier not in RUNS:
        return Answered(Answer.UNKNOWN, proof.doubt or "it was not seen to run")
    return Answered(
        Answer.UNKNOWN,
        f"the workload listens on {ports}, with an unknown program"
        if ports
        else "the RBOM does not show every socket",
    )


def _automatable(finding: Finding) -> Answered:
    """Answer by CISA's assessment, else by AU of CVSS 4.0; other vectors have no such field."""
    ssvc = finding.ssvc
    if ssvc is not None and ssvc.automatable:
        return Answered(_YES_OR_NO[ssvc.automatable == "yes"], _cisa(ssvc))
    found = [
        (_AUTOMATABLE[metrics["AU"]], score)
        for version, metrics, score in _vectors(finding.scores)
        if version == "4" and metrics.get("AU") in _AUTOMATABLE
    ]
    for wanted in (Answer.YES, Answer.NO):
        for answer, score in found:
            if answer is wanted:
                return Answered(answer, f"AU in CVSS {score.version}, {score.by}")
    return Answered(Answer.UNKNOWN, "no published assessment")


def _total_control(finding: Finding) -> Answered:
    """Answer by CISA's assessment, else by the vectors' impact on the vulnerable system.

    YES if a vector has all three impacts at their worst. NO if in every vector neither
    confidentiality nor integrity is.
    """
    ssvc = finding.ssvc
    if ssvc is not None and ssvc.impact:
        return Answered(_YES_OR_NO[ssvc.impact == "total"], _cisa(ssvc))
    refuted: CvssScore | None = None
    partly: CvssScore | None = None
    for version, metrics, score in _vectors(finding.scores):
        worst = [metrics.get(name) == _TOP[version] for name in _VULNERABLE_SYSTEM[version]]
        if all(worst):
            return Answered(Answer.YES, f"full impact in CVSS {score.version}, {score.by}")
        if any(worst[:2]):
            partly = partly or score
        else:
            refuted = refuted or score
    if partly is not None:
        return Answered(
            Answer.UNKNOWN, f"the impact in CVSS {partly.version}, {partly.by} does not settle it"
        )
    if refuted is not None:
        return Answered(Answer.NO, f"limited impact in CVSS {refuted.version}, {refuted.by}")
    return Answered(Answer.UNKNOWN, "no CVSS vector")


def _vectors(scores: Iterable[CvssScore]) -> Iterator[tuple[str, Mapping[str, str], CvssScore]]:
    """Yield major version and metrics of each readable vector."""
    for score in scores:
        metrics = _metrics(score.vector)
        if metrics is not None:
            yield score.vector[5] if score.vector.startswith("CVSS:") else "2", metrics, score


@lru_cache(4096)
def _metrics(vector: str) -> Mapping[str, str] | None:
    parsed = parse_vector(vector)
    return None if parsed is None else parsed.metrics


def _exploited(finding: Finding, feeds: Iterable[Feed]) -> Answered:
    kev = finding.kev
    if kev is not None:
        since = kev.added or "an unknown date"
        return Answered(Answer.YES, f"CISA's KEV list since {since}")
    if finding.ssvc is not None and finding.ssvc.exploitation == "active":
        return Answered(Answer.YES, _cisa(finding.ssvc))
    feed = next((feed for feed in feeds if feed.name == KEV), None)
    if feed is None:
        return Answered(Answer.UNKNOWN, "the database has no KEV list")
    if not any(name.startswith("CVE-") for name in finding.identifiers):
        return Answered(Answer.UNKNOWN, "it has no CVE, and CISA's KEV list has nothing else")
    date = feed.date[:10]
    return Answered(Answer.NO, f"not on CISA's KEV list{f' of {date}' if date else ''}")


def _cisa(ssvc: SsvcAssessment) -> str:
    return f"CISA's SSVC assessment{f' of {ssvc.date}' if ssvc.date else ''}"
