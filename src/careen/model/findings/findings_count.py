"""Counts of an image's findings."""

from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.comparing.compared import Compared


@dataclass(frozen=True, slots=True)
class FindingsCount:
    """Counts of an image's findings.

    `executed` and `loaded` count by tier and do not overlap. `kev` are on CISA's list (None if
    unknown); `fixable` have a fixed version. `database` maps each feed to its date (RFC 3339 or
    YYYY-MM-DD). `compared` is how much was compared; `counted` is the time (RFC 3339).
    `executed_by_health_check_only` is the part of `executed` that only the image's HEALTHCHECK ran.
    """

    total: int
    critical: int
    high: int
    executed: int
    loaded: int
    kev: int | None
    fixable: int
    database: Mapping[str, str]
    compared: Compared
    counted: str
    executed_by_health_check_only: int = 0
