"""Results of one run of `careen ci`: what had changed, what was done, and what is known now."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.model.findings.triage import ScanReport
from careen.model.patching import Blocked


class Mode(enum.Enum):
    """What `careen ci` does with the image."""

    SCAN = "scan"
    HARDEN = "harden"
    PATCH = "patch"


class Step(enum.Enum):
    """How much of the work is done; each includes what is above it."""

    CHECK = "check"  # nothing was run: the stored result was checked
    SCAN = "scan"  # the stored inventory was compared with the advisories again
    PROFILE = "profile"  # profiled again; the plan stays close to the last one
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Decision:
    """The step, and why."""

    step: Step
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """A finding as one run leaves it for the next."""

    id: str
    package: str
    name: str
    installed: str
    severity: str
    tier: str
    kev: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the original and of the result; None is unknown."""

    title: str
    before: int | None
    after: int | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of one run.

    `report` is of the result, or of the input if `failure` says why there is none; None if it
    is not known. `last` are the findings that the last good run left, None before the
    first. `done` says what was achieved, now or at `made` by the run of the stored result ("":
    now). `places` are the result's names. `blocked` says which new fixes no upgrade brings; nothing
    was run for them. `saved_seconds` is what the last run of this work took, 0 if it was done now.
    `undelivered`: the result is good, and `failure` says why some names do not have it.
    """

    name: str
    mode: Mode
    decision: Decision
    image: str
    image_digest: str
    result_digest: str
    places: tuple[str, ...]
    report: ScanReport | None
    last: tuple[KnownFinding, ...] | None
    done: str = ""
    figures: tuple[Figure, ...] = ()
    failure: str = ""
    status: int = 0
    evidence: str = ""
    attested: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    saved_seconds: float = 0.0
    files: Mapping[str, str] = field(default_factory=dict)
    blocked: tuple[Blocked, ...] = ()
    made: str = ""
    undelivered: bool = False

    @property
    def is_without_result(self) -> bool:
        """Whether the work failed before a result was promoted."""
        return bool(self.failure) and not self.result_digest
