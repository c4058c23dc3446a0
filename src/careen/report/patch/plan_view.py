"""Terminal view of a patch plan: upgrades by manager, and findings that stay."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from careen.model.patching import Blocked, BlockReason, PatchPlan, Upgrade
from careen.report.patch.ratings import Ratings
from careen.report.terminal_output.figures import counted, number
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import INDENT, put, section, table

TOP = 10  # upgrades of one manager
FEW = 3  # packages of one barrier


def print_upgrades(console: Console, plan: PatchPlan) -> None:
    """Print one section for each manager.

    Upgrades that close the worst findings come first; pulled-along packages are on one line.
    """
    signs, ratings = signs_of(console), Ratings(plan)
    for manager in dict.fromkeys(upgrade.manager for upgrade in plan.upgrades):
        theirs = [upgrade for upgrade in plan.upgrades if upgrade.manager == manager]
        rows = _closing([each for each in theirs if each.closes], ratings, signs)
        section(
            console,
            f"{shown(manager, signs)}: {counted(len(theirs), 'upgrade')}",
            table(rows, right=(2,), fill=(0, 1, 3), head=("", "", "closes", "")),
        )
        along = _along([each for each in theirs if not each.closes])
        if along:
            put(
                console,
                Padding(
                    Text(shown(along, signs), style="dim", overflow="fold"),
                    (0, 0, 0, INDENT),
                    expand=False,
                ),
            )


def print_blocked(console: Console, plan: PatchPlan) -> None:
    """Print what stays: for each barrier the number of findings, and the worst packages."""
    signs, ratings = signs_of(console), Ratings(plan)
    section(
        console,
        "Stays as it is",
        table(_barriers(plan.blocked, ratings, signs), right=(1,), fill=2),
    )


def closing(plan: PatchPlan) -> set[tuple[str, str]]:
    """Return the findings that the plan's upgrades are to close, each with its package."""
    return {
        (upgrade.purl, identifier) for upgrade in plan.upgrades for identifier in upgrade.closes
    }


def staying(plan: PatchPlan) -> set[tuple[str, str]]:
    """Return the findings that stay, each with its package.

    These are the blocked ones that no upgrade closes.
    """
    return {
        (blocked.purl, identifier) for blocked in plan.blocked for identifier in blocked.findings
    } - closing(plan)


def _closing(
    upgrades: Sequence[Upgrade], ratings: Ratings, signs: Signs
) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each step; equal steps (a source's binaries, copies) are one row.

    Steps are equal if group, versions and closed findings are.
    """
    steps: dict[tuple[str, str, str, tuple[str, ...]], list[Upgrade]] = {}
    for upgrade in upgrades:
        steps.setdefault(
            (upgrade.group, upgrade.installed, upgrade.target, upgrade.closes), []
        ).append(upgrade)
    ordered = sorted(
        steps.values(),
        key=lambda same: (
            ratings.rank(ratings.worst(same[0].closes)[0])[:2],
            -len(same[0].closes),
            same[0].name,
            same[0].purl,
        ),
    )
    for same in ordered[:TOP]:
        pulling = tuple(purl for each in same for purl in each.pulled_by)
        how = "inside" if same[0].inside else "pulled along by"
        along = f"; {how} {_listed(_name(purl) for purl in pulling)}" if pulling else ""
        what = shown(f"{ratings.named(same[0].closes)}{along}", signs)
        yield (
            shown(_names(each.name for each in same), signs),
            _step(same[0], signs),
            number(sum(len(each.closes) for each in same)),
            what,
        )
    if len(ordered) > TOP:
        rest = [upgrade for same in ordered[TOP:] for upgrade in same]
        yield (
            signs.ellipsis,
            counted(len(rest), "more upgrade"),
            number(sum(len(upgrade.closes) for upgrade in rest)),
            "",
        )


def _along(upgrades: Sequence[Upgrade]) -> str:
    if not upgrades:
        return ""
    new = [each for each in upgrades if not each.installed]
    fresh = f" ({counted(len(new), 'new package')})" if new else ""
    return f"pulled along: {_listed(f'{each.name} {each.target}' for each in upgrades)}{fresh}"


def _step(upgrade: Upgrade, signs: Signs) -> str:
    text = (
        f"{upgrade.installed} {signs.arrow} {upgrade.target}"
        if upgrade.installed
        else f"{upgrade.target} (new)"
    )
    return shown(text, signs)


def _name(purl: str) -> str:
    return unquote(purl.partition("?")[0].rpartition("/")[2].partition("@")[0])


def _listed(words: Iterable[str]) -> str:
    listed = list(dict.fromkeys(words))
    return ", ".join(listed[:FEW]) + (
        f" and {len(listed) - FEW:,} more" if len(listed) > FEW else ""
    )


def _names(names: Iterable[str]) -> str:
    """Return `perl, perl-base`, or `urllib3 (2 places)` for copies."""
    every = list(names)
    copies = f" ({len(every)} places)" if len(every) > 1 and len(set(every)) == 1 else ""
    return _listed(every) + copies


def _barriers(
    blocked: Sequence[Blocked], ratings: Ratings, signs: Signs
) -> Iterator[tuple[str, str, str]]:
    for barrier in sorted({each.barrier for each in blocked}, key=_ORDER.index):
        stays = sorted(
            _remaining([each for each in blocked if each.barrier is barrier], ratings),
            key=lambda stay: stay.rank(ratings),
        )
        heads = [barrier.value, number(sum(stay.count for stay in stays))]
        for stay in stays[:FEW]:
            text = (
                f"{_names(stay.names)} {stay.installed}: {ratings.named(stay.findings)}:"
                f" {stay.detail}"
            )
            yield heads[0], heads[1], shown(text, signs)
            heads = ["", ""]
        if len(stays) > FEW:
            rest = stays[FEW:]
            packages = sum(len(stay.names) for stay in rest)
            yield (
                "",
                "",
                (
                    f"{signs.ellipsis} and {counted(sum(stay.count for stay in rest), 'finding')}"
                    f" of {counted(packages, 'more package')}"
                ),
            )


@dataclass(frozen=True, slots=True)
class _RemainingFindings:
    """Packages that keep the same findings for the same reason.

    `detail` is the reason of the worst finding.
    """

    names: tuple[str, ...]
    installed: str
    findings: frozenset[str]
    detail: str

    @property
    def count(self) -> int:
        return len(self.names) * len(self.findings)

    def rank(self, ratings: Ratings) -> tuple[tuple[bool, int], int, tuple[str, ...]]:
        worst = ratings.worst(self.findings)
        return ratings.rank(worst[0])[:2] if worst else (True, 0), -len(self.findings), self.names


def _remaining(blocked: Sequence[Blocked], ratings: Ratings) -> Iterator[_RemainingFindings]:
    of_package: dict[str, list[Blocked]] = {}
    for each in blocked:
        of_package.setdefault(each.purl, []).append(each)
    alike: dict[tuple[str, frozenset[str], str], list[str]] = {}
    for theirs in of_package.values():
        findings = frozenset(identifier for each in theirs for identifier in each.findings)
        worst = ratings.worst(findings)[:1]
        detail = next((each.detail for each in theirs if {*worst} <= {*each.findings}), "")
        alike.setdefault((theirs[0].installed, findings, detail), []).append(theirs[0].name)
    for (installed, findings, detail), names in alike.items():
        yield _RemainingFindings(tuple(names), installed, findings, detail)


_ORDER = [
    *(
        BlockReason.UNSURVEYED,
        BlockReason.BREAKS,
        BlockReason.RAISES,
        BlockReason.MAJOR,
        BlockReason.PINNED,
        BlockReason.HELD,
        BlockReason.EXCLUDED,
    ),
    *(
        BlockReason.VARIANT,
        BlockReason.FIPS,
        BlockReason.UNAVAILABLE,
        BlockReason.NO_MEANS,
        BlockReason.FOREIGN,
        BlockReason.REBUILD,
        BlockReason.REFUSED,
        BlockReason.NO_FIX,
    ),
]
"""Barriers that the reader can act on come first."""
