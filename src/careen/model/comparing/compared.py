"""How much of an image was compared with advisories."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Compared:
    """Number of packages in one image, and how many of them some feed covers."""

    packages: int
    compared: int

    @property
    def nothing(self) -> bool:
        """Whether no package was compared, so that a count of 0 findings means nothing."""
        return self.compared == 0

    @property
    def gap(self) -> str:
        """The packages that were not compared, in words; "" if all were."""
        if self.packages == 0:
            return "no package was found, so nothing was compared"
        if self.nothing:
            which = "the only package" if self.packages == 1 else f"all {self.packages:,} packages"
            return f"{which} not compared with any advisory"
        missing = self.packages - self.compared
        return (
            (f"{missing:,} of {self.packages:,} packages not compared with any advisory")
            if missing
            else ""
        )
