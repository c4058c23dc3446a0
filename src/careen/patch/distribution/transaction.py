"""Conversion of a resolver's result to a proposal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from careen.model.patching import Aim, Upgrade
from careen.patch.distribution.resolving import Resolved, Step
from careen.patch.port import Proposal


@dataclass(frozen=True, slots=True)
class Wish:
    """Aim with its chosen version; `key` identifies the package as in `Step`."""

    aim: Aim
    key: str
    target: str
    closes: tuple[str, ...]
    origin: str = ""


def wishes_of(wishes: Sequence[Wish], group: Callable[[Aim], str]) -> dict[str, list[Wish]]:
    """Return the wishes by group, sorted by the groups' names."""
    out: dict[str, list[Wish]] = {}
    for wish in sorted(wishes, key=lambda each: (group(each.aim), each.key)):
        out.setdefault(group(wish.aim), []).append(wish)
    return out


def proposal(
    manager: str,
    groups: Mapping[str, Sequence[Wish]],
    resolved: Resolved,
    purl: Callable[[Step], str],
) -> Proposal:
    """Return accepted groups' steps as upgrades, and refused groups' findings as blocked."""
    upgrades: list[Upgrade] = []
    for name, steps in resolved.groups.items():
        wished = {
            wish.key: wish
            for group, accepted in resolved.members.items()
            if accepted == name
            for wish in groups[group]
        }
        pullers = tuple(sorted(wish.aim.purl for wish in wished.values()))
        for step in steps:
            wish = wished.get(step.key)
            upgrades.append(
                Upgrade(
                    purl=wish.aim.purl if wish else purl(step),
                    name=step.name,
                    ecosystem=next(iter(wished.values())).aim.ecosystem,
                    installed=step.installed,
                    target=step.target,
                    manager=manager,
                    group=name,
                    closes=wish.closes if wish else (),
                    pulled_by=() if wish else pullers,
                    origin=step.origin or (wish.origin if wish else ""),
                )
            )
    blocked = tuple(
        wish.aim.blocked(
            refusal.barrier, f"{wish.target} would fix it: {refusal.detail}", wish.closes
        )
        for group, refusal in sorted(resolved.refused.items())
        for wish in groups[group]
    )
    return Proposal(tuple(sorted(upgrades, key=lambda each: (each.group, each.purl))), blocked)
