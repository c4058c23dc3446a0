"""A finished run as one JSON document, for programs: what the page says, without the files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.errors import ConfigError
from careen.model.adequacy import Part
from careen.model.attestations.ended import EndedDocuments
from careen.model.runs.trace import Endpoint, Phase
from careen.model.summary import ReasonShare, TestTotals
from careen.report.documents.document import to_json
from careen.report.finished.compliance import (
    ShownAssessment,
    ShownFips,
    assessments_in,
    fips_in,
)
from careen.report.finished.facts import MALFORMED, ReportFacts, ended_of, not_known
from careen.report.finished.figures import Figure, figures_of, share, whole

FORMAT = "careen.report"
VERSION = 1


@dataclass(frozen=True, slots=True)
class NamedImage:
    """An image: the user's name for it, and its digest."""

    reference: str
    digest: str


@dataclass(frozen=True, slots=True)
class LeftFinding:
    """A finding of the result. `severity` is None if it is unknown."""

    id: str
    package: str
    installed: str
    fixed: tuple[str, ...]
    severity: str | None
    tier: str
    priority: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run changed, proved and did not find out.

    None means not known or not done: findings not counted or no package compared, no tests on that
    image, calls or endpoints not recorded, signatures not asked for (`ended`), cryptography not
    looked for (`fips`). `documents` maps the files of the report to their SHA-256 (hex).
    """

    format: str
    version: int
    careen: str
    verdict: str
    passed: bool
    level: str
    original: NamedImage
    hardened: NamedImage
    promoted: tuple[str, ...]
    figures: tuple[Figure, ...]
    findings: tuple[LeftFinding, ...] | None
    kept: tuple[ReasonShare, ...]
    tests_original: TestTotals | None
    tests_hardened: TestTotals | None
    adequacy: float | None
    adequacy_verdict: str
    adequacy_parts: tuple[Part, ...]
    syscalls: Mapping[Phase, tuple[str, ...]] | None
    endpoints: tuple[Endpoint, ...] | None
    compliance: tuple[ShownAssessment, ...]
    fips: ShownFips | None
    ended: EndedDocuments | None
    not_known: tuple[str, ...]
    documents: Mapping[str, str]


def report_json(facts: ReportFacts) -> bytes:
    """Return the document's bytes. Raises ConfigError if a document is not one of careen's."""
    try:
        return to_json(run_report(facts))
    except MALFORMED as error:
        msg = f"a document of the report is not as careen writes it: {error}"
        raise ConfigError(msg) from error


def run_report(facts: ReportFacts) -> RunReport:
    """Return what the page of a run says. Raises one of `MALFORMED` for another shape."""
    summary, bom = facts.summary, facts.bom
    original, hardened = tests_of(facts)
    return RunReport(
        FORMAT,
        VERSION,
        str(summary["careen"]),
        facts.verdict,
        facts.passed,
        str(summary["level"]),
        named(summary["original"]),
        named(summary["hardened"]),
        tuple(map(str, summary["promoted"])),
        tuple(figures_of(facts)),
        None if facts.known_findings is None else tuple(left_findings(facts.known_findings)),
        tuple(
            ReasonShare(str(each["code"]), str(each["detail"]), each["files"], each["bytes"])
            for each in summary["kept"]
        ),
        original,
        hardened,
        share(facts.adequacy["score"]),
        str(facts.adequacy["verdict"]),
        adequacy_parts(facts),
        bom.syscalls if facts.calls_recorded else None,
        bom.endpoints if facts.endpoints_recorded else None,
        assessments_in(facts),
        fips_in(facts),
        ended_of(facts),
        tuple(not_known(facts)),
        facts.documents,
    )


def named(measure: Mapping[str, Any]) -> NamedImage:
    """Return the image of a measure in `summary.json`."""
    return NamedImage(str(measure["reference"]), str(measure["digest"]))


def left_findings(findings: Mapping[str, Any]) -> Iterator[LeftFinding]:
    """Yield the findings of a scan document, in its order."""
    for each in findings["findings"]:
        yield LeftFinding(
            str(each["id"]),
            str(each["name"]),
            str(each["installed"]),
            tuple(map(str, each["fixed"])),
            None if each["severity"] is None else str(each["severity"]),
            str(each["tier"]),
            str(each["priority"]),
            tuple(map(str, each["reasons"])),
        )


def tests_of(facts: ReportFacts) -> tuple[TestTotals | None, TestTotals | None]:
    """Return the totals of the tests on the original and on the result."""
    tests = facts.summary["tests"]
    if tests is None:
        return None, None
    return _totals(tests["original"]), _totals(tests["hardened"])


def _totals(row: Mapping[str, Any] | None) -> TestTotals | None:
    if row is None:
        return None
    return TestTotals(bool(row["passed"]), whole(row["cases"]), float(row["seconds"]))


def adequacy_parts(facts: ReportFacts) -> tuple[Part, ...]:
    """Return the parts of the profile's adequacy."""
    return tuple(map(_part, facts.adequacy["parts"]))


def _part(row: Mapping[str, Any]) -> Part:
    return Part(
        str(row["id"]),
        str(row["title"]),
        share(row["share"]),
        whole(row["covered"]),
        whole(row["total"]),
        tuple(map(str, row["missing"])),
        str(row["why"]),
        bool(row["counts"]),
    )
