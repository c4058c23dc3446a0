"""A patch plan as a person reads it: what is upgraded by which manager, and what stays and why."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from careen.model.patching import Barrier, Blocked, PatchPlan, Upgrade
from careen.report.figures import counted, number
from careen.report.patch_ratings import Ratings
from careen.report.screen import Signs, shown, signs_of
from careen.report.tables import INDENT, put, section, table

TOP = 10  # upgrades of one manager
FEW = 3  # packages of one barrier


def print_upgrades(console: Console, plan: PatchPlan) -> None:
    """Print one section for each manager: the upgrades that close the worst first, then in one line what is pulled along."""
    signs, ratings = signs_of(console), Ratings(plan)
    for manager in dict.fromkeys(upgrade.manager for upgrade in plan.upgrades):
        theirs = [upgrade for upgrade in plan.upgrades if upgrade.manager == manager]
        rows = _closing([each for each in theirs if each.closes], ratings, signs)
        section(console, f"{shown(manager, signs)}: {counted(len(theirs), 'upgrade')}", table(rows, right=(2,), fill=(0, 1, 3), head=("", "", "closes", "")))
        along = _along([each for each in theirs if not each.closes])
        if along:
            put(console, Padding(Text(shown(along, signs), style="dim", overflow="fold"), (0, 0, 0, INDENT), expand=False))


def print_blocked(console: Console, plan: PatchPlan) -> None:
    """Print what stays: for each barrier how many findings, and the packages with the worst of them."""
    signs, ratings = signs_of(console), Ratings(plan)
    section(console, "Stays as it is", table(_barriers(plan.blocked, ratings, signs), right=(1,), fill=2))


def closing(plan: PatchPlan) -> set[tuple[str, str]]:
    """Return the findings that the plan's upgrades are to close, each with its package."""
    return {(upgrade.purl, identifier) for upgrade in plan.upgrades for identifier in upgrade.closes}


def staying(plan: PatchPlan) -> set[tuple[str, str]]:
    """Return the findings that stay, each with its package: those that are blocked and that no upgrade closes."""
    return {(blocked.purl, identifier) for blocked in plan.blocked for identifier in blocked.findings} - closing(plan)


def _closing(upgrades: Sequence[Upgrade], ratings: Ratings, signs: Signs) -> Iterator[tuple[str, str, str, str]]:
    ordered = sorted(upgrades, key=lambda each: (min(ratings.rank(identifier) for identifier in each.closes)[:2], -len(each.closes), each.name, each.purl))
    for upgrade in ordered[:TOP]:
        along = f"; pulled along by {_names(upgrade.pulled_by)}" if upgrade.pulled_by else ""
        what = shown(f"{ratings.named(upgrade.closes)}{along}", signs)
        yield shown(upgrade.name, signs), _step(upgrade, signs), number(len(upgrade.closes)), what
    if len(ordered) > TOP:
        rest = ordered[TOP:]
        closed = {(upgrade.purl, identifier) for upgrade in rest for identifier in upgrade.closes}
        yield signs.ellipsis, counted(len(rest), "more upgrade"), number(len(closed)), ""


def _along(upgrades: Sequence[Upgrade]) -> str:
    if not upgrades:
        return ""
    new, named = [each for each in upgrades if not each.installed], [f"{each.name} {each.target}" for each in upgrades]
    more = f" and {len(named) - FEW:,} more" if len(named) > FEW else ""
    fresh = f" ({counted(len(new), 'new package')})" if new else ""
    return f"pulled along: {', '.join(named[:FEW])}{more}{fresh}"


def _step(upgrade: Upgrade, signs: Signs) -> str:
    text = f"{upgrade.installed} {signs.arrow} {upgrade.target}" if upgrade.installed else f"{upgrade.target} (new)"
    return shown(text, signs)


def _names(purls: Sequence[str]) -> str:
    names = sorted({purl.partition("?")[0].rpartition("/")[2].partition("@")[0] for purl in purls})
    return ", ".join(names[:FEW]) + (f" and {len(names) - FEW:,} more" if len(names) > FEW else "")


def _barriers(blocked: Sequence[Blocked], ratings: Ratings, signs: Signs) -> Iterator[tuple[str, str, str]]:
    for barrier in sorted({each.barrier for each in blocked}, key=_ORDER.index):
        theirs = sorted((each for each in blocked if each.barrier is barrier), key=lambda each: _worst(each, ratings))
        findings = {(each.purl, identifier) for each in theirs for identifier in each.findings}
        heads = [barrier.value, number(len(findings))]
        for each in theirs[:FEW]:
            yield heads[0], heads[1], shown(f"{each.name} {each.installed}: {ratings.named(each.findings)}: {each.detail}", signs)
            heads = ["", ""]
        if len(theirs) > FEW:
            rest = theirs[FEW:]
            yield "", "", f"{signs.ellipsis} and {counted(sum(len(each.findings) for each in rest), 'finding')} of {counted(len(rest), 'more package')}"


_ORDER = [
    *(Barrier.BREAKS, Barrier.MAJOR, Barrier.PINNED, Barrier.HELD, Barrier.EXCLUDED, Barrier.VARIANT, Barrier.FIPS, Barrier.UNAVAILABLE, Barrier.NO_MEANS),
    *(Barrier.FOREIGN, Barrier.REBUILD, Barrier.REFUSED, Barrier.NO_FIX),
]
"""What the reader can do something about comes first."""


def _worst(blocked: Blocked, ratings: Ratings) -> tuple[tuple[bool, int], int, str, str]:
    first = min((ratings.rank(identifier) for identifier in blocked.findings), default=(True, 0, ""))
    return first[:2], -len(blocked.findings), blocked.name, blocked.purl
