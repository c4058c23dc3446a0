"""What a scan says in sentences: its answer, what is open, and what to do next."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from careen.model.findings.triage import Priority, ScanReport, Tier
from careen.report.scan.short_list import FEW
from careen.report.terminal_output.figures import counted, number


def headline(report: ScanReport) -> Text:
    """Return the answer in one line: the number of findings, and of those that need action."""
    counts = {
        priority: sum(item.priority is priority for item in report.findings)
        for priority in Priority
    }
    if not report.findings:
        return Text(_none_found(report), style="bold")
    words = ", ".join(
        f"{number(counts[priority])} to {word}"
        for priority, word in zip(Priority, ("act on", "attend to", "track"), strict=True)
    )
    urgent = counts[Priority.ACT]
    return Text.assemble(
        (counted(len(report.findings), "finding"), "bold"),
        ": ",
        (words, "bold red" if urgent else ""),
        overflow="fold",
    )


def _none_found(report: ScanReport) -> str:
    if report.origin != "careen":
        return "no finding is known"
    if not report.feeds:
        return "findings are not known: the advisory database is empty"
    return (
        f"findings are not known: {report.compared.gap}"
        if report.compared.nothing
        else "no finding is known"
    )


def unprofiled(report: ScanReport) -> bool:
    """Return whether it is unknown what can run, because there is no RBOM."""
    return report.observed is None and bool(report.findings)


def final_line(report: ScanReport) -> str:
    """Return the one line of `--quiet`, with what remains open."""
    # "no finding" is no good news for an image that could not be read.
    passed = sum(each.packages for each in report.uncovered)
    unread = len(report.inventory.unknowns)
    parts = [
        headline(report).plain,
        f"{counted(passed, 'package')} not compared with any advisory" if passed else "",
        f"{counted(unread, 'place')} that could not be read" if unread else "",
        counted(len(report.warnings), "warning") if report.warnings else "",
    ]
    return "; ".join(part for part in parts if part)


def open_questions(report: ScanReport) -> Iterator[str]:
    """Yield what the figures leave open.

    That is: packages without a feed, unreadable files, files without an owner, and files that can
    run code when loaded.
    """
    for gap in report.uncovered:
        more = ", …" if gap.packages > len(gap.examples) else ""
        names = f" ({', '.join(gap.examples)}{more})" if gap.examples else ""
        yield (
            f"{counted(gap.packages, 'package')} of {gap.what}"
            f" {'was' if gap.packages == 1 else 'were'} not compared with any advisory:"
            f" {gap.reason}{names}"
        )
    unknowns = report.inventory.unknowns
    if unknowns:
        more = f", and {len(unknowns) - 1:,} more" if len(unknowns) > 1 else ""
        yield f"could not be read: {unknowns[0].path} ({unknowns[0].reason}){more}"
    if report.unowned:
        examples = ", ".join(report.unowned_examples[:FEW])
        yield (
            f"{counted(report.unowned, 'file')} that no package owns, not compared with any"
            f" advisory: {examples}{' …' if report.unowned > FEW else ''}"
        )
    running = [model for model in report.inventory.models if model.dangerous]
    if running:
        first = running[0]
        more = f"; so can {len(running) - 1:,} more" if len(running) > 1 else ""
        yield (
            f"{first.path} ({first.format.value}) can run code when it is loaded:"
            f" {', '.join(first.dangerous[:FEW])}{more}"
        )
    for marker in report.inventory.markers:
        yield f"{marker.path}: {marker.effect}"


def next_steps(report: ScanReport) -> Iterable[str]:
    """Yield suggested next commands."""
    if report.observed is None and report.findings and not report.subject.startswith("sbom:"):
        yield (
            f"careen profile {report.subject} --test CMD, then scan again with --rbom rbom.json:"
            " which of these can run?"
        )
    first = next(iter(report.findings), None)
    if first is not None and not report.subject.startswith("sbom:"):
        yield f"careen why {report.subject} {first.finding.id}"
    idle = sum(item.tier is Tier.PRESENT for item in report.findings)
    if (
        report.observed is not None
        and report.observed.exact
        and idle
        and not report.subject.startswith("sbom:")
    ):
        yield (
            f"careen harden {report.subject} -t TAG --test CMD removes what is not used:"
            f" {counted(idle, 'finding')} {'is' if idle == 1 else 'are'} only present"
        )
