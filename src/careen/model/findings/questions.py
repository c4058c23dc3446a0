"""The four questions that CISA's BOD 26-04 asks of each vulnerability, with their answers."""

import enum
from dataclasses import dataclass


class Answer(enum.Enum):
    """Answer to one question. UNKNOWN is never read as NO."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer; `source` says where it is from, or why it is unknown."""

    answer: Answer
    source: str

    @property
    def words(self) -> str:
        """The answer as printed: `yes (CISA's KEV list since 2024-05-01)`."""
        return f"{self.answer.value} ({self.source})"


@dataclass(frozen=True, slots=True)
class FourQuestions:
    """The four answers for one finding.

    `exposed`: a program that uses the code listens. `automatable`: an attacker can automate the
    attack. `total_control`: it gives total control of the software. `exploited`: it is known to be
    exploited.
    """

    exposed: Answered
    automatable: Answered
    total_control: Answered
    exploited: Answered

    @property
    def rows(self) -> tuple[tuple[str, Answered], ...]:
        """The answers with their names as printed, in the directive's order."""
        return (
            ("exposed", self.exposed),
            ("automatable", self.automatable),
            ("total control", self.total_control),
            ("exploited", self.exploited),
        )


_NOT_ASKED = Answered(Answer.UNKNOWN, "not assessed")
NOT_ASKED = FourQuestions(_NOT_ASKED, _NOT_ASKED, _NOT_ASKED, _NOT_ASKED)
