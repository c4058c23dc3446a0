"""What a comparison could not tell, or found to be noise: it is said, and is no difference."""

from dataclasses import dataclass, field

MOST = 200  # sentences of each kind


@dataclass(slots=True)
class Unsure:
    """Sentences about tries that could not be compared, and about differences that are noise;
    `late` counts the tries, `worth_another` those of them that may be answered in time in a
    further run.
    """

    not_compared: list[str] = field(default_factory=list)
    noise: list[str] = field(default_factory=list)
    late: int = 0
    worth_another: int = 0

    def is_late(self, what: str, sides: int) -> None:
        """Take down a try for which a time limit came first, on one of the `sides` or on both: that
        will hardly be otherwise in a further run.
        """
        self.late += 1
        self.worth_another += sides == 1
        if len(self.not_compared) < MOST:
            self.not_compared.append(what)

    def is_noise(self, what: str) -> None:
        """Take down a difference that did not come again, or that the original shows against
        itself.
        """
        if len(self.noise) < MOST:
            self.noise.append(what)
