"""How much of an image was compared with advisories."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Compared:
    """The packages of one image, and how many of them some feed in the database speaks about."""

    packages: int
    compared: int

    @property
    def nothing(self) -> bool:
        """Say that no package was compared: then a count of 0 findings is not known."""
        return self.compared == 0

    @property
    def gap(self) -> str:
        """Say what was compared with nothing; "" when every package was compared."""
        if self.packages == 0:
            return "no package was found, so nothing was compared"
        if self.nothing:
            which = "the only package" if self.packages == 1 else f"all {self.packages:,} packages"
            return f"{which} compared with nothing"
        missing = self.packages - self.compared
        return f"{missing:,} of {self.packages:,} packages compared with nothing" if missing else ""
