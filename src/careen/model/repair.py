"""What was given back to an image because verification failed without it."""

from dataclasses import dataclass

from careen.model.paths import ImagePath


@dataclass(frozen=True, slots=True)
class Repair:
    """A path that planning is to keep because verification failed without it, and what told so, as
    one sentence fragment.
    """

    path: ImagePath
    why: str


@dataclass(frozen=True, slots=True)
class Restored:
    """One path that repair gave back. `how` is `attributed` (the failure named it) or `searched`
    (found by delta debugging); `why` says what told so; `rule` names what would have kept it
    ("level package: part of libmagic1", a rule's id, or a `--keep` line), never empty.
    """

    path: ImagePath
    how: str
    why: str
    rule: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round of repair: the failure that it began with, what it restored (the closure around it
    not counted: `paths` and `bytes` are all that came back), and whether verification passed after
    it.
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
    """A test that does not answer alike on the original either: how often it passed there, of how
    many runs.
    """

    workload: str
    test: str
    passed: int
    runs: int
