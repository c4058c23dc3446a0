"""Terminal view of `careen patch`."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.patching import BlockReason, PatchResult
from careen.report.patch.plan_view import closing, print_blocked, print_upgrades, staying
from careen.report.patch.ratings import Ratings
from careen.report.scan.finding_counts import basis, count_rows
from careen.report.terminal_output.figures import counted, duration, number, size
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

FEW = 5
_COUNTS = (
    ("findings", "total"),
    ("  critical", "critical"),
    ("  high", "high"),
    ("  known exploited", "kev"),
    ("  fixable", "fixable"),
)


def print_patch(console: Console, result: PatchResult) -> None:
    """Print the result. The headline alone answers the question."""
    signs = signs_of(console)
    _header(console, result, signs)
    console.print()
    put(console, headline(result))
    if result.image:
        console.print()
        put(
            console,
            table(_counts(result, signs), right=(1, 2, 3), head=("", "before", "after", "change")),
        )
    facts = table(_facts(result, signs), fill=1)
    if facts.row_count:
        console.print()
        put(console, facts)
    print_upgrades(console, result.plan)
    section(console, "Not as planned", table(_unplanned(result, signs), fill=1))
    section(console, "Dropped: the rest is kept", table(_dropped(result, signs), fill=(1, 2)))
    print_blocked(console, result.plan)
    section(
        console,
        "Notes",
        table(
            (
                (signs.bullet, shown(note, signs))
                for note in dict.fromkeys((*result.plan.notes, *result.notes))
            ),
            fill=1,
        ),
    )
    section(console, "Next", (shown(step, signs) for step in _next(result)))


def headline(result: PatchResult) -> Text:
    """Return the answer in one line, with the number of findings that were not surveyed."""
    missed = sum(
        len(each.findings) for each in result.plan.blocked if each.barrier is BlockReason.UNSURVEYED
    )
    return Text.assemble(
        _answer(result),
        *((f"; {counted(missed, 'finding')} not surveyed", "bold yellow"),) * bool(missed),
        overflow="fold",
    )


def _answer(result: PatchResult) -> Text:
    plan, ratings = result.plan, Ratings(result.plan)
    done = {
        (each.upgrade.purl, identifier) for each in result.upgraded for identifier in each.closed
    }
    if result.image:
        urgent_counts = ratings.urgent_counts(identifier for _, identifier in done)
        words = (
            f"{counted(len(result.upgraded), 'upgrade')} closed"
            f" {counted(result.before.total - result.after.total, 'finding')}"
        )
        left = f"; {number(result.after.total)} of {number(result.before.total)} are left"
        return Text.assemble(
            (words, "bold green"),
            f" ({urgent_counts})" if urgent_counts else "",
            left,
            overflow="fold",
        )
    planned, left_over = closing(plan), staying(plan)
    if plan.upgrades:
        urgent_counts = ratings.urgent_counts(identifier for _, identifier in planned)
        words = (
            f"{counted(len(plan.upgrades), 'upgrade')} would close {number(len(planned))} of"
            f" {counted(len(planned) + len(left_over), 'finding')}"
        )
        return Text.assemble(
            (words, "bold"),
            f" ({urgent_counts})" if urgent_counts else "",
            "; nothing was changed",
            overflow="fold",
        )
    if result.dropped:
        return Text.assemble(
            ("nothing was upgraded", "bold yellow"),
            ": no upgrade that closes a finding could be kept",
            overflow="fold",
        )
    if result.before.compared.nothing:
        return Text(
            f"findings are not known: {result.before.compared.gap}", style="bold", overflow="fold"
        )
    why = (
        f": no upgrade closes any of the {counted(len(left_over), 'finding')}"
        if left_over
        else ": no finding asks for an upgrade"
    )
    return Text.assemble(
        ("nothing to patch", "bold green" if not left_over else "bold"), why, overflow="fold"
    )


def final_line(result: PatchResult) -> str:
    """Return the one line of `--quiet`.

    It gives the result's location and digest, or the answer if there is no new image.
    """
    return (
        shown(" ".join((*result.places, result.image)))
        if result.image
        else shown("; ".join((headline(result).plain, *result.places)))
    )


def _header(console: Console, result: PatchResult, signs: Signs) -> None:
    image = result.plan.image
    to = f" {signs.arrow} {', '.join(result.places)}" if result.places else ""
    put(
        console,
        Text.assemble(
            ("careen patch  ", "dim"),
            (shown(image.reference, signs), "bold"),
            (shown(to, signs), "bold green"),
            overflow="fold",
        ),
    )
    new = f" {signs.arrow} {short_digest(result.image)}" if result.image else ""
    put(
        console,
        Text(
            f"              {shown(short_digest(image.digest) + new, signs)}, reach"
            f" {result.plan.reach.value}",
            style="dim",
            overflow="fold",
        ),
    )


def _counts(result: PatchResult, signs: Signs) -> Iterator[tuple[str, str, str, Text]]:
    yield from count_rows(result.before, result.after, _COUNTS, signs)


def _facts(result: PatchResult, signs: Signs) -> Iterator[tuple[Text, str]]:
    if result.upgraded:
        confirmed = sum(each.confirmed for each in result.upgraded)
        told = (
            f", {number(confirmed)} of them confirmed by the image's own tools" if confirmed else ""
        )
        yield (
            Text("read back", style="dim"),
            f"{counted(len(result.upgraded), 'version')} from the new image{told}",
        )
    if rests := basis(result.before):
        yield Text("findings", style="dim"), shown(rests, signs)
    if result.tests:
        yield Text("tests", style="dim"), shown(result.tests, signs)
    if result.image:
        yield Text("layer", style="dim"), size(result.layer_bytes)
    if "total" in result.seconds:
        longest = sorted(
            ((seconds, name) for name, seconds in result.seconds.items() if name != "total"),
            reverse=True,
        )[:3]
        parts = ", ".join(f"{name} {duration(seconds)}" for seconds, name in longest)
        yield (
            Text("time", style="dim"),
            shown(f"{duration(result.seconds['total'])}{f' ({parts})' if parts else ''}", signs),
        )
    if result.report_directory:
        yield Text("report", style="dim"), shown(result.report_directory, signs)


def _unplanned(result: PatchResult, signs: Signs) -> Iterator[tuple[str, str]]:
    """Yield the upgrades whose outcome in the new image differs from the plan."""
    ratings = Ratings(result.plan)
    for each in result.upgraded:
        upgrade = each.upgrade
        if each.version != upgrade.target:
            yield (
                shown(upgrade.name, signs),
                shown(f"is {each.version}, expected {upgrade.target}", signs),
            )
        elif each.left:
            yield (
                shown(upgrade.name, signs),
                shown(
                    f"is {each.version} as planned, but still has {ratings.named(each.left)}", signs
                ),
            )


def _dropped(result: PatchResult, signs: Signs) -> Iterator[tuple[str, str, str]]:
    for each in result.dropped[:FEW]:
        steps = ", ".join(
            f"{upgrade.name} {upgrade.installed} {signs.arrow} {upgrade.target}".replace("  ", " ")
            for upgrade in each.upgrades[:FEW]
        )
        more = f" and {len(each.upgrades) - FEW:,} more" if len(each.upgrades) > FEW else ""
        yield signs.cross, shown(steps + more, signs), shown(each.reason, signs)
    if len(result.dropped) > FEW:
        yield signs.ellipsis, f"{len(result.dropped) - FEW:,} more: patch.json", ""


def _next(result: PatchResult) -> Iterator[str]:
    subject = result.plan.image.reference
    blocked = next((each for each in result.plan.blocked if each.findings), None)
    if not result.image and result.plan.upgrades:
        yield (
            f"careen patch {subject} -t TAG --test CMD upgrades them, and keeps what passes the"
            " tests"
        )
    if blocked is not None:
        worst = Ratings(result.plan).worst(
            identifier for each in result.plan.blocked for identifier in each.findings
        )[0]
        yield f"careen why {subject} {worst} says what was decided about it"
