"""Why an engine cannot be used on this machine."""

from dataclasses import dataclass

AS_ROOT = "run careen as root"


@dataclass(frozen=True, slots=True)
class Lack:
    """The reason, and what can be done about it: one of `remedies`."""

    why: str
    remedies: tuple[str, ...]

    @property
    def remedy(self) -> str:
        """The remedies as one text."""
        return ", or ".join(self.remedies)
