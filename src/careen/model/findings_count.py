"""How many findings an image has, in one line of figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.compared import Compared


@dataclass(frozen=True, slots=True)
class FindingsCount:
    """`executed` and `loaded` count by tier and do not overlap; `kev` are on CISA's list, `fixable`
    have a version that fixes them. `database` maps each feed to its date (RFC 3339 or YYYY-MM-DD):
    a number without it says nothing. `compared` is how much of this image the numbers rest on,
    `counted` when (RFC 3339). `executed_by_health_check_only` are those of `executed` of which
    nothing but the image's HEALTHCHECK ran anything.
    """

    total: int
    critical: int
    high: int
    executed: int
    loaded: int
    kev: int
    fixable: int
    database: Mapping[str, str]
    compared: Compared
    counted: str
    executed_by_health_check_only: int = 0
