"""What a page shows, as the documents of one report directory have it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.model.attestations.ended import EndedDocument, EndedDocuments, EndedKind
from careen.model.packages.package import Inventory
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.model.runs.names import names_of_blind_runs
from careen.model.runs.trace import SensorKind
from careen.oci.tree.rootfs import Rootfs

UNREAD = 5
"""Files with unreadable package data that are named; more are counted."""

MALFORMED = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What a document of another shape raises in a renderer."""


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """The documents of a report; `findings` are of the result, None if they were not counted, and
    `compliance` are the assessments of it, and `fips` its FIPS mode.

    `documents` maps a file's name to its SHA-256 (hex). `rootfs` needs no content.
    """

    summary: Mapping[str, Any]
    verify: Mapping[str, Any]
    adequacy: Mapping[str, Any]
    findings: Mapping[str, Any] | None
    plan: Plan
    bom: RuntimeBom
    rootfs: Rootfs
    inventory: Inventory
    documents: Mapping[str, str]
    compliance: tuple[Mapping[str, Any], ...] = ()
    fips: Mapping[str, Any] | None = None

    @property
    def passed(self) -> bool:
        """Whether the result was verified and got its name."""
        return bool(self.verify["passed"] and self.summary["promoted"])

    @property
    def verdict(self) -> str:
        """The verdict in a few words."""
        if self.passed:
            return "Hardened and verified"
        return "Hardened, not fully verified" if self.summary["promoted"] else "Not promoted"

    @property
    def known_findings(self) -> Mapping[str, Any] | None:
        """The findings of the result; None if they were not counted or nothing was compared."""
        return None if nothing_compared(self.summary["hardened"]) else self.findings

    @property
    def calls_recorded(self) -> bool:
        """Whether some run recorded system calls."""
        return bool(self.bom.syscalls)

    @property
    def endpoints_recorded(self) -> bool:
        """Whether some run's sensor can see network endpoints."""
        return any(run.sensor.kind is not SensorKind.FANOTIFY for run in self.bom.runs)

    @property
    def proof(self) -> str:
        """What was tested on the result, in a few words."""
        tests = self.summary["tests"]
        result = None if tests is None else tests["hardened"]
        if result is None:
            return f"checked by {self.summary['checked']}"
        cases = "the tests" if result["cases"] is None else f"{result['cases']:,} test cases"
        return f"{cases} {'passed' if result['passed'] else 'did not all pass'} on the result"


def nothing_compared(measure: Mapping[str, Any]) -> bool:
    """Return whether the count of an image's findings in `summary.json` means nothing.

    That is so where no package of it was compared with an advisory.
    """
    found = measure["findings"]
    return found is not None and found["compared"] == 0


def ended_of(facts: ReportFacts) -> EndedDocuments | None:
    """Return what was signed of the original and ends with it; None if it was not asked."""
    found = facts.summary.get("ended")  # older runs did not ask
    if found is None:
        return None
    return EndedDocuments(
        tuple(
            EndedDocument(
                str(each["place"]),
                str(each["digest"]),
                EndedKind(each["kind"]),
                str(each["type"]),
                str(each["about"]),
            )
            for each in found["documents"]
        ),
        tuple(map(str, found["unknown"])),
    )


def not_known(facts: ReportFacts) -> Iterator[str]:
    """Yield a sentence for each thing that this run did not find out."""
    summary = facts.summary
    for gap in summary["sensor"]["incomplete"]:
        yield f"The profile is incomplete: {gap['reason']} ({gap['count']})."
    if summary["sensor"].get("emulated"):
        yield (
            "The image ran under an emulator: which libraries were loaded is derived from what was"
            " opened, and system calls are not known."
        )
    if blind := names_of_blind_runs(facts.bom):
        yield f"Endpoints and system calls of a part of the runs were not recorded: {blind}."
    if summary["exploration"] is None:
        yield "Nothing was tried beyond the tests."
    for part in facts.adequacy["parts"]:
        if part["share"] is None:
            yield f"How far the profile covers {part['title']}: {part['why']}."
    yield from _about_findings(facts)
    ended = ended_of(facts)
    for line in ("nobody asked",) if ended is None else ended.unknown:
        yield f"What was signed and attested of the original: {line}."
    unread = facts.inventory.unknowns
    for each in unread[:UNREAD]:
        yield f"Package data that could not be read: {each.path}: {each.reason}."
    if len(unread) > UNREAD:
        yield f"Package data of {len(unread) - UNREAD:,} more files could not be read."
    for line in facts.verify["compared"]["passed_over"]:
        yield f"Not compared between both images: {line}."
    if summary["checked"] != "tests":
        yield f"The containers were checked by {summary['checked']}, not by tests."


def _about_findings(facts: ReportFacts) -> Iterator[str]:
    for image, measure in (
        ("original", facts.summary["original"]),
        ("result", facts.summary["hardened"]),
    ):
        if nothing_compared(measure):
            yield (
                f"Vulnerabilities of the {image} are not known: none of its packages was compared"
                " with an advisory."
            )
    findings = facts.findings
    if findings is None:
        yield "Vulnerabilities were not counted: there was no advisory database."
        return
    for each in findings["uncovered"]:
        yield f"{each['what']}, {each['packages']:,} packages: {each['reason']}."
    unowned = findings["unowned"]["files"]
    if unowned:
        yield (
            f"{unowned:,} files of the result belong to no package, so no advisory can name them."
        )
