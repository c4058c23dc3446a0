"""How much of an image a profile covered, and what it left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run, in time order: a test case or test command.

    `new_files` counts the image files that it was the first to use.
    """

    name: str
    new_files: int


@dataclass(frozen=True, slots=True)
class Part:
    """One measured share: `covered` of `total`.

    `share` is between 0 and 1. It, `covered` and `total` are None if unknown; `why` then holds the
    reason. `missing` names what was not covered, most important first; a long list is cut. `id` is
    `saturation`, `operations`, `entry-points`, `ports` or `application-modules`. `counts` is false
    if the part does not enter the score.
    """

    id: str
    title: str
    share: float | None
    covered: int | None
    total: int | None
    missing: tuple[str, ...] = ()
    why: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class UnexercisedPackage:
    """Files of a package that a plan keeps although no workload used them.

    `whole` is true if no file of the package was used at all.
    """

    purl: str
    files: int
    bytes: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Adequacy:
    """How well a profile covers what its image can do.

    None means unknown. `score` is the smallest share of the known parts that count, capped if there
    were few steps. `steps` is the discovery curve, `idle` the steps that used no new file, and
    `before` the number of files used before the first step. `unseen` is the 95 % upper bound of the
    chance that one more such test uses a new file. `hanging` maps what was never exercised to the
    bytes that only it reaches. `unexercised` is sorted largest first, empty without a plan.
    """

    score: float | None
    verdict: str
    parts: tuple[Part, ...]
    steps: tuple[Step, ...] = ()
    idle: tuple[str, ...] = ()
    unseen: float | None = None
    advice: tuple[str, ...] = ()
    hanging: Mapping[str, int] = field(default_factory=dict)
    before: int | None = None
    unexercised: tuple[UnexercisedPackage, ...] = ()
