"""Decide how much of the work a pipeline's run has to do.

Functions here do no I/O.
"""

from dataclasses import dataclass

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
class Standing:
    """What is left of the last good run.

    `evidence` and `result` say what is wrong with its evidence and with its image, "" if nothing
    is. `inventory` says whether the inventories that findings are made of are stored.
    """

    evidence: str = ""
    result: str = ""
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
        *((standing.result,) if standing.result else ()),
        *(() if standing.inventory else ("the stored inventory is gone",)),
    )
    changed = _image(stored, inputs)
    if gone:
        reasons = gone if changed is None else (*changed.reasons, *gone)
        return Decision(Step.WHOLE, reasons)
    if changed is not None:
        return changed
    if stored.advisories != inputs.advisories:
        return Decision(Step.SCAN, ("the advisories have changed",))
    return Decision(Step.CHECK, ("image, advisories and configuration are the same",))


def with_fixes(
    decision: Decision, mode: Mode, *, patches: bool, fixes: tuple[str, ...]
) -> Decision:
    """Return the decision, given the findings of a new scan that have a fix since.

    A run that upgrades packages does so again for them.
    """
    if mode is Mode.SCAN or not patches or not fixes or decision.step is not Step.SCAN:
        return decision
    named = ", ".join(fixes[:3]) + (f" and {len(fixes) - 3:,} more" if len(fixes) > 3 else "")  # noqa: PLR2004
    return Decision(Step.WHOLE, (*decision.reasons, f"there is a fix now: {named}"))


def fixable_in(report: ScanReport) -> frozenset[Key]:
    """Return the findings that a fix is known for."""
    return frozenset(_key(item.finding) for item in report.findings if item.finding.fixable)


def new_fixes(known: frozenset[Key] | None, report: ScanReport | None) -> tuple[str, ...]:
    """Return the findings that have a fix since the last scan, known before or not.

    `known` None: there was no scan yet, so no fix was tried.
    """
    if report is None:
        return ()
    return tuple(
        dict.fromkeys(
            f"{item.finding.id} in {item.finding.name}"
            for item in report.findings
            if item.finding.fixable and _key(item.finding) not in (known or ())
        )
    )


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
