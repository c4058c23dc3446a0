"""What a build of a base from an upstream image gave."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.model.catalog.built import BaseFindings
from careen.model.catalog.contract import Contract
from careen.model.catalog.lock import LockedWheel
from careen.model.measure import Measure


@dataclass(frozen=True, slots=True)
class CuratedBase:
    """A base that was cut from an upstream image: figures of both, upgrades, contract, names.

    `upgrades` are (name, from, to). Without an advisory database they are None, as are `findings`,
    and `findings_before` of upstream. `workloads` ran on both images.
    `tested` says how many of the entry's tests passed on the result. `report` is "" if none stays.
    `unproven` is "", or why nobody has built the entry from the vendor's own archive. `wheels` are
    above the image, `wheel_indexes` name the index of each step's, without credentials.
    """

    entry: str
    variant: str
    upstream: Measure
    measure: Measure
    upgrades: tuple[tuple[str, str, str], ...] | None
    demanded: int
    forbidden: int
    workloads: tuple[str, ...]
    tested: int
    contract: Contract
    places: tuple[str, ...]
    findings_before: int | None = None
    findings: BaseFindings | None = None
    report: str = ""
    notes: tuple[str, ...] = ()
    unproven: str = ""
    wheels: tuple[LockedWheel, ...] = ()
    wheel_indexes: Mapping[str, str] = field(default_factory=dict)
