"""Groups of upgrades: what holds only together stands and falls together."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from careen.model.patching import Upgrade


def grouped(
    upgrades: Mapping[str, Upgrade], together: Iterable[tuple[str, str]], manager: str
) -> tuple[Upgrade, ...]:
    """Return upgrades by purl, whose `group` is a purl, with the groups that `together` names in
    pairs joined; sorted by group and purl.
    """
    group = {purl: upgrade.group for purl, upgrade in upgrades.items()}
    for one, other in sorted(together):
        old, new = sorted((group.get(one, one), group.get(other, other)), reverse=True)
        group = {purl: new if value == old else value for purl, value in group.items()}
    named = [
        replace(upgrade, group=f"{manager}: {group[purl]}") for purl, upgrade in upgrades.items()
    ]
    return tuple(sorted(named, key=lambda upgrade: (upgrade.group, upgrade.purl)))
