"""Decide how much of the work a pipeline's run has to do.

Functions here do no I/O.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from careen.model.findings.finding import Finding
from careen.model.findings.triage import ScanReport
from careen.model.integration import Decision, Mode, Step
from careen.pipeline.integrating.state import Key, Stored


@dataclass(frozen=True, slots=True)
class Inputs:
    """The image of this run, and the fingerprints of all that decides about its result.

    `advisories` is "" without a database.
    """

    image: str
    layers: tuple[str, ...]
    configuration: str
    advisories: str


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known of the names that a run asks for.

    `missing` are those that lead to no image, or that no run gave the result; `source` is a place
    that has it. `wrong` says why the result must be made again, "" if that is not so.
    """

    missing: tuple[str, ...] = ()
    source: str = ""
    wrong: str = ""

    @property
    def way(self) -> str:
        """What is to be done in words, "" if all names have the result."""
        names = ", ".join(self.missing)
        return f"the result is in {self.source}, and is asked for in {names}" if names else ""


NO_INVENTORY = "the stored inventory is gone"
EVERYWHERE = Whereabouts()
"""All names that are asked for have the result."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of the last good run.

    `evidence` says what is wrong with it, "" if nothing is. `at` says where the image is.
    `inventory` says whether the inventories that findings are made of are stored.
    """

    evidence: str = ""
    at: Whereabouts = EVERYWHERE
    inventory: bool = True


def decide(stored: Stored | None, inputs: Inputs, standing: Standing) -> Decision:
    """Return the least work that makes the stored result one of these inputs."""
    if stored is None:
        return Decision(Step.WHOLE, ("no earlier result of this name",))
    gone = (
        *(
            (f"the configuration has changed: {what}",)
            if (what := _settings(stored, inputs))
            else ()
        ),
        *((standing.evidence,) if standing.evidence else ()),
        *((standing.at.wrong,) if standing.at.wrong else ()),
        *(() if standing.inventory else (NO_INVENTORY,)),
    )
    changed = _image(stored, inputs)
    if gone:
        reasons = gone if changed is None else (*changed.reasons, *gone)
        return Decision(Step.WHOLE, reasons)
    if changed is not None:
        return changed
    way = (standing.at.way,) if standing.at.way else ()
    if not inputs.advisories and stored.advisories:
        return Decision(Step.CHECK, ("there is no advisory database any more", *way))
    if stored.advisories != inputs.advisories:
        return Decision(Step.SCAN, ("the advisories have changed", *way))
    return Decision(Step.CHECK, ("image, advisories and configuration are the same", *way))


def upgrades_help(decision: Decision, mode: Mode, *, patches: bool, wanted: bool = False) -> bool:
    """Return whether a run may do everything again for the sake of upgrades alone.

    `wanted`: the user asks for some of them, whatever has changed.
    """
    steps = (Step.SCAN, Step.CHECK) if wanted else (Step.SCAN,)
    return mode is not Mode.SCAN and patches and decision.step in steps


def with_fixes(decision: Decision, fixes: Sequence[Finding], why: str) -> Decision:
    """Return the decision, given the findings that an upgrade may close since the last scan.

    `why` says what stands against the others.
    """
    reasons = (*decision.reasons, *((why,) if why else ()))
    named = list(dict.fromkeys(f"{each.id} in {each.name}" for each in fixes))
    if not named:
        return replace(decision, reasons=reasons)
    text = ", ".join(named[:3]) + (f" and {len(named) - 3:,} more" if len(named) > 3 else "")  # noqa: PLR2004
    return Decision(Step.WHOLE, (*reasons, f"there is a fix now: {text}"))


def fixable_in(report: ScanReport) -> frozenset[Key]:
    """Return the findings that a fix is known for."""
    return frozenset(_key(item.finding) for item in report.findings if item.finding.fixable)


def fixes_tried(
    known: frozenset[Key] | None, report: ScanReport, about: str
) -> frozenset[Key] | None:
    """Return what a run that upgraded nothing has tried: all, or what it was about."""
    if not about:
        return fixable_in(report)
    mine = (item.finding for item in report.findings if _is_among(item.finding, (about,)))
    return (known or frozenset()) | {_key(finding) for finding in mine if finding.fixable}


def of_incident(fixes: Sequence[Finding], about: str) -> tuple[Finding, ...]:
    """Return the fixes that are reason to work; `about` as in `CiRequest`."""
    return tuple(each for each in fixes if not about or _is_among(each, (about,)))


def new_fixes(
    known: frozenset[Key] | None, report: ScanReport | None, wanted: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Return the findings that have a fix since the last scan, known before or not.

    `known` None: there was no scan yet, so no fix was tried. `wanted` are identifiers of fixes that
    count as new.
    """
    if report is None:
        return ()
    return tuple(
        item.finding
        for item in report.findings
        if item.finding.fixable
        and (_key(item.finding) not in (known or ()) or _is_among(item.finding, wanted))
    )


def _is_among(finding: Finding, wanted: Collection[str]) -> bool:
    return any(name.upper() in wanted for name in finding.identifiers)


def _key(finding: Finding) -> Key:
    return finding.id, finding.name, finding.version


def _settings(stored: Stored, inputs: Inputs) -> str:
    if stored.configuration == inputs.configuration:
        return ""
    return "careen.toml, an option, a file that they name, or careen itself"


def _image(stored: Stored, inputs: Inputs) -> Decision | None:
    """Return what follows from the image, None if it is the same."""
    if stored.image == inputs.image:
        return None
    common = 0
    for one, two in zip(stored.layers, inputs.layers, strict=False):
        if one != two:
            break
        common += 1
    if not common:
        return Decision(Step.WHOLE, ("the base image has changed: its first layer is another",))
    if stored.layers == inputs.layers:
        return Decision(
            Step.PROFILE, ("the image's configuration has changed, its layers have not",)
        )
    new = len(inputs.layers) - common
    what = f"{new} of {len(inputs.layers)} layers are new" if new else "layers were dropped"
    return Decision(Step.PROFILE, (f"the application has changed: {what}",))
