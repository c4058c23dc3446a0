"""Terminal view of `careen plan`."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.plan import Outcome, PackagePlan, Plan
from careen.model.summary import ReasonShare, SymbolTotals
from careen.report.names import package_name
from careen.report.terminal_output.figures import change, counted, number, size
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

TOP = 10
_WORDS = {
    Outcome.KEPT: "kept whole",
    Outcome.PARTIAL: "kept in part",
    Outcome.REMOVED: "removed whole",
}


def print_plan(
    console: Console,
    plan: Plan,
    kept: tuple[ReasonShare, ...],
    removed: tuple[ReasonShare, ...],
    symbols: SymbolTotals | None = None,
) -> None:
    """Print a plan with the shares of its reasons and the totals of symbol removal.

    `kept`, `removed` and `symbols` come from pipeline/hardening/summary.py.
    """
    signs = signs_of(console)
    title = Text.assemble(
        ("careen plan  ", "dim"), (shown(plan.image.reference, signs), "bold"), overflow="fold"
    )
    put(console, title)
    put(
        console,
        Text(
            f"             {short_digest(plan.image.digest)}, level {plan.level.value}",
            style="dim",
            overflow="fold",
        ),
    )
    console.print()
    put(
        console,
        table(
            _totals(kept, removed, symbols, signs),
            right=(1, 2, 3),
            head=("", "files", "bytes", "of all"),
        ),
    )
    section(
        console,
        "Packages",
        table(
            _packages(plan), right=(1, 2, 3), head=("", "packages", "bytes kept", "bytes removed")
        ),
    )
    section(console, "Kept because", table(_reasons(kept, signs), right=(0, 1), fill=2))
    section(console, "Removed because", table(_reasons(removed, signs), right=(0, 1), fill=2))
    largest = sorted(
        (item for item in plan.packages.values() if item.outcome is not Outcome.KEPT),
        key=lambda item: (-item.removed_bytes, item.purl),
    )
    section(console, "Largest removals", table(_removals(largest[:TOP], signs), right=(0,), fill=2))
    calm = (
        ""
        if any(share.code == "user-remove" for share in removed)
        else " (nothing that ran needed them)"
    )
    section(
        console,
        f"Removed although others depend on them{calm}",
        table(_broken(plan, signs), fill=1),
    )
    section(
        console, "Notes", table(((signs.bullet, shown(note, signs)) for note in plan.notes), fill=1)
    )


def final_plan_line(
    kept: tuple[ReasonShare, ...],
    removed: tuple[ReasonShare, ...],
    report_directory: str,
    signs: Signs,
) -> Text:
    """Return the result of a dry run in one line."""
    # This is not a verdict: the remaining files were not tested.
    stays, goes = (sum(share.bytes for share in shares) for shares in (kept, removed))
    figures = (
        f"{size(stays + goes)} {signs.arrow} {size(stays)}"
        f" ({change(stays + goes, stays, minus=signs.minus, unknown=signs.unknown)})"
    )
    told = f": {figures}; nothing was stripped or tested; the plan is in {report_directory}"
    return Text.assemble(
        (f"{signs.bullet} dry run", "bold yellow"), shown(told, signs), overflow="fold"
    )


def _totals(
    kept: tuple[ReasonShare, ...],
    removed: tuple[ReasonShare, ...],
    symbols: SymbolTotals | None,
    signs: Signs,
) -> Iterator[tuple[str, str, str, str]]:
    everything = sum(share.bytes for share in (*kept, *removed))
    for label, shares in (("stays", kept), ("goes", removed)):
        total = sum(share.bytes for share in shares)
        percent = f"{total / everything * 100:.1f} %" if everything else signs.unknown
        yield label, number(sum(share.files for share in shares)), size(total), percent
        if label == "stays" and symbols is not None and symbols.files:
            part = f"{symbols.bytes / everything * 100:.1f} %" if everything else signs.unknown
            yield "  less symbols", number(symbols.files), size(symbols.bytes), part


def _packages(plan: Plan) -> Iterator[tuple[str, str, str, str]]:
    for outcome, words in _WORDS.items():
        chosen = [item for item in plan.packages.values() if item.outcome is outcome]
        if chosen:
            yield (
                words,
                number(len(chosen)),
                size(sum(item.kept_bytes for item in chosen)),
                size(sum(item.removed_bytes for item in chosen)),
            )


def _reasons(shares: tuple[ReasonShare, ...], signs: Signs) -> Iterator[tuple[str, str, str]]:
    for share in shares[:TOP]:
        yield (
            size(share.bytes),
            counted(share.files, "file"),
            shown(f"{share.code}, e.g. {share.detail}" if share.detail else share.code, signs),
        )
    rest = shares[TOP:]
    if rest:
        yield (
            size(sum(share.bytes for share in rest)),
            counted(sum(share.files for share in rest), "file"),
            counted(len(rest), "more reason"),
        )


def _removals(largest: list[PackagePlan], signs: Signs) -> Iterator[tuple[str, str, str]]:
    for item in largest:
        files = f"{counted(item.removed_files, 'file')} of {item.kept_files + item.removed_files:,}"
        yield (
            size(item.removed_bytes),
            "whole" if item.outcome is Outcome.REMOVED else "in part",
            f"{package_name(item.purl, signs)} ({files})",
        )


def _broken(plan: Plan, signs: Signs) -> Iterator[tuple[str, str]]:
    for item in sorted(plan.packages.values(), key=lambda item: item.purl):
        if item.broken:
            dependents = ", ".join(package_name(purl, signs) for purl in item.broken[:TOP])
            more = f" and {len(item.broken) - TOP:,} more" if len(item.broken) > TOP else ""
            yield package_name(item.purl, signs), f"needed by {dependents}{more}"
