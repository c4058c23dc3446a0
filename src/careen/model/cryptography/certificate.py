"""Certificates of the CMVP, as a dated list states them."""

import datetime as dt
import enum
from dataclasses import dataclass

_140_2_ENDED = dt.date(2026, 9, 21)  # all its certificates are historical since then


class Status(enum.Enum):
    """Status of a certificate in the CMVP's list."""

    ACTIVE = "active"
    HISTORICAL = "historical"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate.

    `kind` is careen's name of the module, `versions` those that it covers. `builds` are the SHA-256
    digests of files that are the validated build, `environments` the tested ones. `sunset` None:
    not stated. `checked` is the date on which `source` was read.
    """

    number: int
    kind: str
    module: str
    vendor: str
    versions: tuple[str, ...]
    standard: str
    status: Status
    sunset: dt.date | None
    source: str
    checked: dt.date
    builds: frozenset[str] = frozenset()
    environments: tuple[str, ...] = ()

    def is_active(self, day: dt.date) -> bool:
        """Return whether it is active on a day; a past sunset ends it, its standard's too."""
        ends = [] if self.sunset is None else [self.sunset]
        if self.standard.startswith("FIPS 140-2"):
            ends.append(_140_2_ENDED)
        return self.status is Status.ACTIVE and all(day <= each for each in ends)


@dataclass(frozen=True, slots=True)
class Certificates:
    """A list of certificates, and the day on which it was checked as a whole."""

    date: dt.date
    source: str
    sha256: str
    certificates: tuple[Certificate, ...] = ()

    def number(self, number: int) -> Certificate | None:
        """Return the certificate with a number, or None."""
        return next((each for each in self.certificates if each.number == number), None)
