"""What compliance documents of a report say of its result, for the page and the texts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from careen.report.finished.facts import ReportFacts
from careen.report.finished.figures import whole

EVIDENCE = 3
"""Pieces of evidence of a failed check that are shown; all are counted."""


@dataclass(frozen=True, slots=True)
class ShownFramework:
    """The numbers of a framework's items. There is no verdict of the whole."""

    id: str
    title: str
    content: str
    items: int
    passed: int
    failed: int
    not_applicable: int
    not_evaluable: int
    inherited: int
    manual: int


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check that failed; `evidence` is the first of `found` pieces, as `PLACE: VALUE`."""

    check: str
    reason: str
    evidence: tuple[str, ...]
    found: int
    fix: str


@dataclass(frozen=True, slots=True)
class ShownAssessment:
    """One assessment of the result by `careen comply`."""

    tool: str
    ended: str
    frameworks: tuple[ShownFramework, ...]
    failed: tuple[FailedCheck, ...]


@dataclass(frozen=True, slots=True)
class ShownModule:
    """A cryptographic module and its rung. `executed` None: not known."""

    name: str
    version: str
    path: str
    executed: bool | None
    standing: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShownProbe:
    """A probe in a container. `passed` None: it is shown only, or could not be asked."""

    title: str
    expected: str
    found: str
    passed: bool | None


@dataclass(frozen=True, slots=True)
class ShownMode:
    """FIPS mode as `careen harden --fips` turned it on and proved it."""

    provider: str
    version: str
    sha256: str
    source: str
    certificate: int | None
    certificates: str
    probes: tuple[ShownProbe, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownFips:
    """Cryptography of the result. `mode` None: FIPS mode was not asked of this run."""

    mode: ShownMode | None
    modules: tuple[ShownModule, ...]
    not_known: tuple[str, ...]


def assessments_in(facts: ReportFacts) -> tuple[ShownAssessment, ...]:
    """Return the assessments of the result. Raises one of `MALFORMED` for another shape."""
    return tuple(map(_assessment, facts.compliance))


def fips_in(facts: ReportFacts) -> ShownFips | None:
    """Return what `fips.json` says, else the cryptography of an assessment; None without both.

    Raises one of `MALFORMED` for another shape.
    """
    if facts.fips is not None:
        proof = facts.fips["proof"]
        more = tuple(map(str, proof["not_evaluable"]))
        return _fips(_mode(facts.fips), facts.fips["inventory"], more)
    found = (each.get("cryptography") for each in facts.compliance)
    inventory = next((each for each in found if each is not None), None)
    return None if inventory is None else _fips(None, inventory, ())


def _assessment(document: Mapping[str, Any]) -> ShownAssessment:
    return ShownAssessment(
        str(document["tool"]),
        str(document["ended"]),
        tuple(map(_framework, document["frameworks"])),
        tuple(_failed(document["checks"])),
    )


def _framework(document: Mapping[str, Any]) -> ShownFramework:
    counts = document["coverage"]
    names = ("items", "passed", "failed", "not_applicable", "not_evaluable", "inherited", "manual")
    return ShownFramework(
        str(document["id"]),
        str(document["title"]),
        str(document["content"]),
        *(int(counts[name]) for name in names),
    )


def _failed(checks: Sequence[Mapping[str, Any]]) -> Iterator[FailedCheck]:
    for each in checks:
        if each["result"] == "fail":
            shown = (f"{one['where']}: {one['value']}" for one in each["evidence"][:EVIDENCE])
            yield FailedCheck(
                str(each["check"]),
                str(each["reason"]),
                tuple(shown),
                int(each["found"]),
                str(each["fix"]),
            )


def _fips(mode: ShownMode | None, inventory: Mapping[str, Any], more: tuple[str, ...]) -> ShownFips:
    unread = (f"{each['path']}: {each['reason']}" for each in inventory["unknowns"])
    caveats = map(str, inventory["caveats"])
    return ShownFips(mode, tuple(map(_module, inventory["modules"])), (*more, *unread, *caveats))


def _module(document: Mapping[str, Any]) -> ShownModule:
    module = document["module"]
    return ShownModule(
        str(module["name"]),
        str(module["version"]),
        str(module["path"]),
        None if module["executed"] is None else bool(module["executed"]),
        str(document["standing"]),
        str(document["reason"]),
    )


def _mode(document: Mapping[str, Any]) -> ShownMode:
    provider = document["provider"]
    return ShownMode(
        str(provider["path"]),
        str(provider["version"]),
        str(provider["sha256"]),
        str(provider["source"]),
        whole(document["certificate"]),
        str(document["certificates"]),
        tuple(map(_probe, document["proof"]["probes"])),
        tuple(map(str, document["notes"])),
    )


def _probe(document: Mapping[str, Any]) -> ShownProbe:
    passed = document["passed"]
    return ShownProbe(
        str(document["title"]),
        str(document["expected"]),
        str(document["found"]),
        None if passed is None else bool(passed),
    )
