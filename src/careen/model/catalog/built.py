"""What a build of a base gave."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.model.catalog.lock import Lock
from careen.model.measure import Measure


@dataclass(frozen=True, slots=True)
class BuiltLayer:
    """One layer: what it holds, its diff ID, and the bytes of its tar."""

    title: str
    diff_id: str
    size: int


@dataclass(frozen=True, slots=True)
class BaseFindings:
    """Findings of a built image and how many have a fix.

    `date` is that of its distribution's feed, "unknown" without one. No feed knows `uncompared` of
    its packages. `code_absent` more are about code that is proven not to be in the image.
    """

    total: int
    fixable: int
    date: str
    uncompared: int
    code_absent: int = 0

    def says_nothing_of(self, measure: Measure) -> bool:
        """Return whether no feed knows any of an image's packages: no finding is no result then."""
        return not self.total and self.uncompared >= sum(measure.packages.values())


@dataclass(frozen=True, slots=True)
class BuiltBase:
    """A built image: figures, layers, lock and names.

    `findings` is None if no advisory database was there. `tested` says how many of the entry's
    tests passed in a container, None if no engine could run it. `sources` are those that
    the packages came from, without credentials; the lock may name others. `fips` says in lines how
    FIPS mode was shown, of that variant alone. `unproven` says why nobody has built the entry from
    the vendor's own archive, "" if somebody has. `wheel_indexes` name the index of each step's
    wheels, without credentials.
    """

    entry: str
    variant: str
    measure: Measure
    layers: tuple[BuiltLayer, ...]
    lock: Lock
    places: tuple[str, ...]
    findings: BaseFindings | None = None
    tested: int | None = None
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    fips: tuple[str, ...] = ()
    distribution: str = "debian"
    unproven: str = ""
    wheel_indexes: Mapping[str, str] = field(default_factory=dict)
