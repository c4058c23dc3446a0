"""Paths restored to an image because verification failed without them."""

from dataclasses import dataclass

from careen.model.paths import ImagePath


@dataclass(frozen=True, slots=True)
class Repair:
    """A path that the plan must keep because verification failed without it.

    `why` is a sentence fragment that names the evidence.
    """

    path: ImagePath
    why: str


@dataclass(frozen=True, slots=True)
class Restored:
    """One path restored by repair.

    `how` is `attributed` (the failure named it) or `searched` (found by delta debugging). `why`
    names the evidence. `rule` names what would have kept it ("level package: part of libmagic1", a
    rule's id, or a `--keep` line); never empty.
    """

    path: ImagePath
    how: str
    why: str
    rule: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round of repair.

    `restored` excludes the closure around each path; `paths` and `bytes` include it. `passed` is
    the result of verification afterwards.
    """

    number: int
    failure: str
    restored: tuple[Restored, ...]
    paths: int
    bytes: int
    seconds: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Flaky:
    """A test that does not always pass on the original.

    It passed there `passed` times in `runs` runs.
    """

    workload: str
    test: str
    passed: int
    runs: int
