"""Groups of upgrades that are only applied together."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from careen.model.patching import Upgrade


def grouped(
    upgrades: Mapping[str, Upgrade], together: Iterable[tuple[str, str]], manager: str
) -> tuple[Upgrade, ...]:
    """Return the upgrades, sorted by group and purl, with groups joined.

    `group` is a purl; `together` are pairs of purls whose groups are joined.
    """
    group = {purl: upgrade.group for purl, upgrade in upgrades.items()}
    for one, other in sorted(together):
        old, new = sorted((group.get(one, one), group.get(other, other)), reverse=True)
        group = {purl: new if value == old else value for purl, value in group.items()}
    named = [
        replace(upgrade, group=f"{manager}: {group[purl]}") for purl, upgrade in upgrades.items()
    ]
    return tuple(sorted(named, key=lambda upgrade: (upgrade.group, upgrade.purl)))
