"""A Dockerfile moved to bases of the catalog, stage by stage."""

import enum
from dataclasses import dataclass


class Need(enum.Enum):
    """What a step needs that the variant `runtime` lacks."""

    SHELL = "shell"
    PROGRAM = "program"  # such as cat or env, which scripts of packages run
    PACKAGE_MANAGER = "package manager"
    BUILD_TOOLS = "build tools"
    ROOT = "root"
    UNKNOWN = "unknown"  # careen cannot tell: it does not look into programs
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class StepNeed:
    """One step of a Dockerfile: its line, its text, what it needs, and what to do about it."""

    line: int
    step: str
    need: Need
    advice: str


@dataclass(frozen=True, slots=True)
class StageMove:
    """One stage: the image it began with, and the one it begins with now.

    `entry` and `variant` are "" for a stage that stays as it is, with the `reason`.
    """

    line: int
    name: str
    before: str
    after: str
    entry: str
    variant: str
    reason: str
    steps: tuple[StepNeed, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A test of the image of the original file and of the new one: exit statuses, None: no end."""

    test: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Migration:
    """The stages, the patch as a unified diff ("" if nothing changes), and what proved it."""

    path: str
    stages: tuple[StageMove, ...]
    patch: str
    notes: tuple[str, ...] = ()
    proof: Proof | None = None

    @property
    def moved(self) -> int:
        return sum(bool(stage.entry) for stage in self.stages)
