"""Record of what could not be compared or is noise; it is reported, but not as a difference."""

from dataclasses import dataclass, field

MOST = 200  # sentences of each kind


@dataclass(slots=True)
class Inconclusive:
    """Sentences about incomparable tries and about noise.

    `late` counts tries that a time limit decided. `worth_retry` counts those that a further run
    may answer in time.
    """

    not_compared: list[str] = field(default_factory=list)
    noise: list[str] = field(default_factory=list)
    late: int = 0
    worth_retry: int = 0

    def is_late(self, what: str, sides: int) -> None:
        """Record a try that a time limit decided on one side or both (`sides`)."""
        # If both sides were late, a further run will hardly help.
        self.late += 1
        self.worth_retry += sides == 1
        if len(self.not_compared) < MOST:
            self.not_compared.append(what)

    def is_noise(self, what: str) -> None:
        """Record a difference that did not recur, or that the original itself shows."""
        if len(self.noise) < MOST:
            self.noise.append(what)
