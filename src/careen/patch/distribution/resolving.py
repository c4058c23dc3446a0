"""Search for the upgrades that a package manager's own resolver accepts.

For managers that can simulate an exact list of versions (apk, dnf). Each group is simulated alone
to learn what belongs to it, then all together.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from careen.model.patching import BlockReason
from careen.patch.fips import is_fips, loses_fips


class StepAction(enum.Enum):
    """Action of a package manager on a package."""

    INSTALL = "install"
    UPGRADE = "upgrade"
    REMOVE = "remove"
    OTHER = "other"  # downgrade, reinstall, replace: not acceptable for a fix


@dataclass(frozen=True, slots=True)
class Step:
    """Package of a transaction.

    `key` identifies it among the installed ones (`foo`; `foo.x86_64` for rpm). `installed` is ""
    for a new package, `target` is "" for a removed one. `origin` is the repository.
    """

    doing: StepAction
    key: str
    name: str
    installed: str
    target: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Reason why the resolver or careen refuses a set of upgrades."""

    barrier: BlockReason
    detail: str


Wanted = Mapping[str, str]
"""Exact versions by package key."""

Simulate = Callable[[Wanted], "tuple[Step, ...] | Refusal"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Result of the search.

    `groups` maps each accepted group to its steps; merged groups have the first one's name.
    `refused` maps the others to the reason. `members` maps each requested group to the accepted
    one.
    """

    groups: Mapping[str, tuple[Step, ...]]
    refused: Mapping[str, Refusal]
    members: Mapping[str, str]


def acceptable(steps: Sequence[Step]) -> Refusal | None:
    """Return why a transaction is refused, None if it only upgrades and installs."""
    for step in steps:
        if step.doing is StepAction.REMOVE:
            barrier = BlockReason.FIPS if is_fips(step.name, step.installed) else BlockReason.PINNED
            return Refusal(barrier, f"it would remove {step.name} {step.installed}")
        if step.doing is StepAction.OTHER:
            return Refusal(
                BlockReason.PINNED,
                f"it would take {step.name} from {step.installed or 'nothing'} to"
                f" {step.target or 'nothing'}, which is no upgrade",
            )
        if step.installed and loses_fips(step.installed, step.target):
            return Refusal(
                BlockReason.FIPS,
                f"{step.name} {step.installed} is a FIPS build, {step.target} is not",
            )
    return None


def resolve(wanted: Mapping[str, Wanted], simulate: Simulate) -> Resolved:
    """Simulate each group alone, in order of name, and the accepted ones together.

    Groups that change the same package are merged. If the union is refused, groups are added one by
    one, and those that clash with earlier ones are refused.
    """
    refused: dict[str, Refusal] = {}
    alone: dict[str, tuple[Step, ...]] = {}
    for group in sorted(wanted):
        answer = _asked(simulate, wanted[group])
        if isinstance(answer, Refusal):
            refused[group] = answer
        else:
            alone[group] = answer
    merged = _merged(alone)
    together = (
        next(iter(alone.values()))
        if len(alone) == 1
        else _asked(simulate, _union(wanted, alone))
        if alone
        else ()
    )
    if isinstance(together, Refusal):
        kept: dict[str, tuple[Step, ...]] = {}
        together = ()
        for name, groups in _by_name(merged).items():
            answer = _asked(
                simulate,
                _union(wanted, [*(group for group in merged if merged[group] in kept), *groups]),
            )
            if isinstance(answer, Refusal):
                refused.update(dict.fromkeys(groups, answer))
            else:
                kept[name], together = (), answer
        merged = {group: name for group, name in merged.items() if name in kept}
    return _shared_out(together, {group: alone[group] for group in merged}, merged, refused)


def _asked(simulate: Simulate, wanted: Wanted) -> tuple[Step, ...] | Refusal:
    answer = simulate(wanted)
    if isinstance(answer, Refusal):
        return answer
    refusal = acceptable(answer)
    if refusal is not None:
        return refusal
    reached = {step.key: step.target for step in answer}
    short = next((key for key, version in wanted.items() if reached.get(key) != version), None)
    return (
        answer
        if short is None
        else Refusal(
            BlockReason.PINNED,
            f"the resolver leaves {short} at another version than {wanted[short]}",
        )
    )


def _union(wanted: Mapping[str, Wanted], groups: Sequence[str] | Mapping[str, object]) -> Wanted:
    return {key: version for group in groups for key, version in wanted[group].items()}


def _merged(alone: Mapping[str, tuple[Step, ...]]) -> dict[str, str]:
    """Map each group to the first group with which it shares packages, transitively."""
    leader = {group: group for group in alone}

    def find(group: str) -> str:
        while leader[group] != group:
            leader[group] = leader[leader[group]]
            group = leader[group]
        return group

    seen: dict[str, str] = {}
    for group, steps in alone.items():
        for step in steps:
            other = seen.setdefault(step.key, group)
            first, second = sorted((find(group), find(other)))
            leader[second] = first
    return {group: find(group) for group in alone}


def _by_name(merged: Mapping[str, str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for group, name in merged.items():
        out.setdefault(name, []).append(group)
    return out


def _shared_out(
    together: tuple[Step, ...],
    alone: Mapping[str, tuple[Step, ...]],
    merged: Mapping[str, str],
    refused: Mapping[str, Refusal],
) -> Resolved:
    owner = {step.key: merged[group] for group, steps in alone.items() for step in steps}
    if any(
        step.key not in owner for step in together
    ):  # the union needs packages that no group needs alone, so the groups cannot be separated
        first = min(merged.values())
        merged = dict.fromkeys(merged, first)
        owner = dict.fromkeys((step.key for step in together), first)
    groups: dict[str, list[Step]] = {}
    for step in together:
        groups.setdefault(owner[step.key], []).append(step)
    return Resolved({name: tuple(steps) for name, steps in groups.items()}, refused, merged)
