"""How a hardened image behaves otherwise than its original: one value for each difference, with its
cause if one can be told.
"""

import enum
from dataclasses import dataclass

from careen.model.paths import ImagePath


class Weight(enum.Enum):
    """What a difference does to the verdict."""

    FAILURE = "failure"  # nothing is promoted
    WARNING = "warning"  # it is said


@dataclass(frozen=True, slots=True)
class Deviation:
    """`kind` is stable: `case`, `exit-status`, `restart`, `http-status`, `http-header`,
    `http-body`, `connection`, `command`, `import`, `error-log`, `library`, `readiness`, `health`,
    `start-time` or `memory`. `where` names the workload or experiment and the try ("explore:http:
    POST /embed: no body"); `before` and `after` are for people. `cause` are removed paths that the
    answer or the error names, or that were looked for and not found at that time, most telling
    first.
    """

    kind: str
    weight: Weight
    where: str
    before: str
    after: str
    cause: tuple[ImagePath, ...] = ()

    def __str__(self) -> str:
        because = (
            f"; removed paths that it looked for: {', '.join(self.cause[:3])}" if self.cause else ""
        )
        return (
            f"{self.where}: {self.kind}: {self.before} on the original, {self.after} on the"
            f" hardened image{because}"
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """How much was compared on both images: test cases, answers of experiments, experiments, HTTP
    requests that the tests sent, lines of output, and libraries that were loaded. What was not
    looked at because there was too much of it, or because a time limit came first, is in
    `passed_over`, one sentence each. `noise` are differences that are none, one sentence each: they
    did not come again, or the original shows them against itself.
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
        """Return what two comparisons held side by side. Of libraries, which both may have seen,
        the larger number.
        """
        return Compared(
            self.cases + other.cases,
            self.answers + other.answers,
            self.experiments + other.experiments,
            self.requests + other.requests,
            self.lines + other.lines,
            max(self.libraries, other.libraries),
            (*self.passed_over, *other.passed_over),
            (*self.noise, *other.noise),
        )
