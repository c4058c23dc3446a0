"""Which groups of upgrades a package manager's own resolver accepts, and what each pulls along:
asked of it, never guessed.

Used where a manager can say what it would do to an exact list of versions (apk, dnf). Each group is
asked for alone, so that it is known what stands and falls with it; then all together.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from careen.model.patching import Barrier
from careen.patch.fips import is_fips, loses_fips


class Doing(enum.Enum):
    """What a manager would do to a package."""

    INSTALL = "install"
    UPGRADE = "upgrade"
    REMOVE = "remove"
    OTHER = "other"  # downgrade, reinstall, replace: nothing that a fix should do


@dataclass(frozen=True, slots=True)
class Step:
    """One package of a transaction. `key` names it among the installed (`foo`; `foo.x86_64` for
    rpm), `installed` is "" for a new one and `target` "" for one that goes; `origin` is the
    repository.
    """

    doing: Doing
    key: str
    name: str
    installed: str
    target: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The resolver's no, or ours to what it would do."""

    barrier: Barrier
    detail: str


Wanted = Mapping[str, str]
"""Package key → version, exactly."""

Simulate = Callable[[Wanted], "tuple[Step, ...] | Refusal"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """`groups` maps each accepted group (merged ones by the name of the first) to its steps;
    `refused` the others to why; `members` tells for each of the groups that were asked for which
    accepted one it is part of.
    """

    groups: Mapping[str, tuple[Step, ...]]
    refused: Mapping[str, Refusal]
    members: Mapping[str, str]


def acceptable(steps: Sequence[Step]) -> Refusal | None:
    """Return why a transaction is not to be done, None for one that only upgrades and adds."""
    for step in steps:
        if step.doing is Doing.REMOVE:
            barrier = Barrier.FIPS if is_fips(step.name, step.installed) else Barrier.PINNED
            return Refusal(barrier, f"it would remove {step.name} {step.installed}")
        if step.doing is Doing.OTHER:
            return Refusal(
                Barrier.PINNED,
                f"it would take {step.name} from {step.installed or 'nothing'} to"
                f" {step.target or 'nothing'}, which is no upgrade",
            )
        if step.installed and loses_fips(step.installed, step.target):
            return Refusal(
                Barrier.FIPS, f"{step.name} {step.installed} is a FIPS build, {step.target} is not"
            )
    return None


def resolve(wanted: Mapping[str, Wanted], simulate: Simulate) -> Resolved:
    """Ask for each group (in order of name) alone and for all that were accepted together.

    Groups that pull the same package, or each other's, become one. If together they are refused
    though each alone is not, they are added one by one, and the ones that clash with those before
    them are refused.
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
            Barrier.PINNED, f"the resolver leaves {short} at another version than {wanted[short]}"
        )
    )


def _union(wanted: Mapping[str, Wanted], groups: Sequence[str] | Mapping[str, object]) -> Wanted:
    return {key: version for group in groups for key, version in wanted[group].items()}


def _merged(alone: Mapping[str, tuple[Step, ...]]) -> dict[str, str]:
    """Map each group to the first one that it shares a package with, through others too."""
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
    ):  # together they need what none needs alone: nothing can be told apart any more
        first = min(merged.values())
        merged = dict.fromkeys(merged, first)
        owner = dict.fromkeys((step.key for step in together), first)
    groups: dict[str, list[Step]] = {}
    for step in together:
        groups.setdefault(owner[step.key], []).append(step)
    return Resolved({name: tuple(steps) for name, steps in groups.items()}, refused, merged)
