"""Open findings of a built image, from its kept inventory, without the image."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from careen.advisories.database.store import open_store
from careen.advisories.matching.match import match
from careen.errors import ConfigError
from careen.model.catalog.refresh import OpenFinding
from careen.model.packages.package import Inventory
from careen.pipeline.findings.finding_policy import FindingPolicy, hear
from careen.pipeline.watching.inputs import feeds_of
from careen.pipeline.watching.inventory import kept_inventory
from careen.pipeline.watching.state import ADVICE
from careen.pipeline.watching.verdict import judge


def fingerprint_of(database: Path) -> str:
    """Return the fingerprint of a database's feeds, "" without one. Raises ConfigError."""
    return feeds_of(database) if database.exists() else ""


def findings_of_kept(
    state: Path, digest: str, database: Path, day: str
) -> tuple[OpenFinding, ...] | None:
    """Return what is known today against an image, as `findings_of`.

    Raises ConfigError without its inventory.
    """
    inventory = kept_inventory(state, digest)
    if inventory is None:
        msg = f"the inventory of {digest} cannot be read from {str(state)!r}; {ADVICE}, or --again"
        raise ConfigError(msg)
    return findings_of(inventory, database, day)


def findings_of(inventory: Inventory, database: Path, day: str) -> tuple[OpenFinding, ...] | None:
    """Return the findings of an inventory, most urgent first.

    None if no feed knows any of its packages: that is not the same as no finding.
    """
    with open_store(database) as store:
        items = judge(inventory, store, hear(FindingPolicy()), "base")
        if not items:
            left = sum(gap.packages for gap in match(inventory, store).uncovered)
            if left >= len(inventory.packages):
                return None
    return tuple(
        OpenFinding(
            each.finding.id,
            each.finding.name,
            each.finding.version,
            each.finding.severity.name.lower(),
            each.finding.fixable,
            day,
        )
        for each in items
    )


def counted(findings: Sequence[OpenFinding]) -> tuple[tuple[str, int], ...]:
    """Return the number of findings by severity."""
    return tuple(sorted(Counter(each.severity for each in findings).items()))
