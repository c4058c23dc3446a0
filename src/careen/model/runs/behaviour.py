"""Differences in behaviour between a hardened image and its original."""

import enum
from dataclasses import dataclass

from careen.model.paths import ImagePath


class Weight(enum.Enum):
    """Effect of a difference on the verdict."""

    FAILURE = "failure"  # the image is not promoted
    WARNING = "warning"  # it is reported only


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference in behaviour between the two images.

    `kind` is stable: `case`, `exit-status`, `restart`, `http-status`, `http-header`, `http-body`,
    `connection`, `command`, `import`, `error-log`, `library`, `readiness`, `health`, `start-time`
    or `memory`. `where` names the workload or experiment and the try ("explore:http: POST /embed:
    no body"). `before` and `after` are text for the user. `cause` lists removed paths that the
    answer or error names, or that were looked up at that time, most relevant first.
    """

    kind: str
    weight: Weight
    where: str
    before: str
    after: str
    cause: tuple[ImagePath, ...] = ()

    def __str__(self) -> str:
        because = f"; looked up removed paths: {', '.join(self.cause[:3])}" if self.cause else ""
        return (
            f"{self.where}: {self.kind}: {self.before} on the original, {self.after} on the"
            f" hardened image{because}"
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """Counts of what was compared on both images.

    `requests` are HTTP requests that the tests sent; `libraries` are those loaded. `passed_over`
    says, one sentence each, what was not compared because of its amount or a time limit. `noise`
    lists, one sentence each, differences that do not count: they did not recur, or the original
    also differs from itself there.
    """

    cases: int = 0
    answers: int = 0
    experiments: int = 0
    requests: int = 0
    lines: int = 0
    libraries: int = 0
    passed_over: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()

    def plus(self, other: "Compared") -> "Compared":
        """Return the sum of two comparisons; for `libraries`, the larger number."""
        return Compared(
            self.cases + other.cases,
            self.answers + other.answers,
            self.experiments + other.experiments,
            self.requests + other.requests,
            self.lines + other.lines,
            # Both comparisons may have seen the same libraries.
            max(self.libraries, other.libraries),
            (*self.passed_over, *other.passed_over),
            (*self.noise, *other.noise),
        )
