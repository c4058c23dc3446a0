"""How far a profile can be trusted: what it covered, what it left out, and what hangs on that."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run (a test case, or a test command) in the order of time, and how many files
    of the image it was the first to use.
    """

    name: str
    new_files: int


@dataclass(frozen=True, slots=True)
class Part:
    """One measured share: `covered` of `total` (None: unknown, and then `why` says why). `missing`
    names what was not covered, most weighty first; of very many, the first.

    `id` is `saturation`, `operations`, `entry-points`, `ports` or `application-modules`. `share` is
    between 0 and 1. `counts` says whether the score rests on it; of the others it is only told what
    they lack.
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
class Unexercised:
    """What a plan keeps of one package though no workload used it: files, bytes, and whether it
    used no file of the package at all (`whole`).
    """

    purl: str
    files: int
    bytes: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Adequacy:
    """All that is known about how well a profile covers its image's work.

    `score` is the smallest share of the known parts that count, or the most that so few steps can
    show; None when none is known. `verdict` is one sentence that a person can act on, `advice`
    further ones. `steps` is the discovery curve, and `before` the files that were used before the
    first of them (None: unknown); `idle` are the steps that used nothing new; `unseen` is the upper
    bound (95 %) of the chance that one more test of this kind uses a file that no test used, None
    when there were too few steps. `hanging` maps what was never exercised to the bytes that only it
    reaches. `unexercised` are packages of which the plan keeps what no workload used, largest
    first; empty without a plan.
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
    unexercised: tuple[Unexercised, ...] = ()
