"""Terminal view of `careen rules`."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from careen.model.rulebook import Clause, Effect, Rulebook, RuleKind, RuleText
from careen.report.terminal_output.figures import counted, number, size
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

ITEMS = 3
LINE = 200


def print_rules(console: Console, book: Rulebook) -> None:
    """Print all mechanisms, then rules by file; with plans, print their effects instead.

    The effects include the rules that did nothing in any plan.
    """
    signs = signs_of(console)
    if book.plans:
        put(
            console,
            Text.assemble(
                ("careen rules  ", "dim"),
                (counted(len(book.rows), "rule or mechanism", "rules and mechanisms"), "bold"),
            ),
        )
        _print_effects(console, book, signs)
        return
    groups = list(dict.fromkeys(row.rule.origin for row in book.rows))
    for position, origin in enumerate(groups):
        rows = [row for row in book.rows if row.rule.origin == origin]
        if position:
            console.print()
        put(console, Text(_title(rows[0].rule, len(rows), signs), style="bold", overflow="fold"))
        for row in rows:
            console.print()
            put(console, Text.assemble("  ", (shown(row.rule.id, signs), "bold")))
            put(
                console,
                table(
                    (
                        (Text(f"    {label}", style="dim"), shown(text, signs))
                        for label, text in _short(row.rule)
                    ),
                    fill=1,
                ),
            )


def print_rule(console: Console, book: Rulebook) -> None:
    """Print the first rule of the book in full, with its effects in the plans."""
    signs = signs_of(console)
    row = book.rows[0]
    put(
        console,
        Text.assemble(
            (shown(row.rule.id, signs), "bold"),
            shown(f"  a {row.rule.kind.value} of {row.rule.origin}", signs),
            overflow="fold",
        ),
    )
    console.print()
    put(
        console,
        table(
            ((Text(label, style="dim"), shown(text, signs)) for label, text in _full(row.rule)),
            fill=1,
        ),
    )
    _print_effects(console, book, signs)


def rule_lines(book: Rulebook) -> list[str]:
    """Return the ids for `--quiet`; with plans, only those of rules that did nothing."""
    return (
        [shown(item.id) for item in book.idle]
        if book.plans
        else [shown(row.rule.id) for row in book.rows]
    )


def _title(rule: RuleText, count: int, signs: Signs) -> str:
    if rule.kind is RuleKind.MECHANISM:
        return f"Mechanisms ({count}): what is kept needs more, and they find it"
    return shown(f"{'Rules' if rule.own else 'Your rules'} of {rule.origin} ({count})", signs)


def _short(rule: RuleText) -> Iterator[tuple[str, str]]:
    if rule.kind is RuleKind.MECHANISM:
        yield "does", _cut(rule.what)
        yield "why", rule.why
        return
    yield "does", "; ".join(f"{clause.words} {_some(clause.items)}" for clause in rule.does)
    conditions = "; ".join(
        f"{clause.words} {_some(clause.items)}" for clause in (*rule.when, *rule.unless)
    )
    if conditions:
        yield "when", conditions
    yield "why", rule.why
    yield "source", rule.source


def _full(rule: RuleText) -> Iterator[tuple[str, str]]:
    if rule.what:
        yield "does", rule.what
    for clause in rule.does:
        yield from _listed(clause)
    for clause in rule.when:
        yield from _listed(clause, "when ")
    for clause in rule.unless:
        yield from _listed(clause)
    yield "levels", ", ".join(rule.levels)
    yield "why", rule.why
    if rule.source:
        yield "source", rule.source


def _listed(clause: Clause, prefix: str = "") -> Iterator[tuple[str, str]]:
    for position, item in enumerate(clause.items):
        yield "" if position else f"{prefix}{clause.words}", item


def _some(items: tuple[str, ...]) -> str:
    more = f" and {len(items) - ITEMS:,} more" if len(items) > ITEMS else ""
    return ", ".join(items[:ITEMS]) + more


def _cut(text: str) -> str:
    sentence, dot, _ = text.partition(". ")
    return f"{sentence}." if dot else text


def _print_effects(console: Console, book: Rulebook, signs: Signs) -> None:
    for position, plan in enumerate(book.plans):
        rows = [(row.rule, row.effects[position]) for row in book.rows]
        head = ("", "kept", "bytes", "removed", "bytes")
        did = table(_did(rows, signs), right=(1, 2, 3, 4), head=head, fill=0)
        section(
            console,
            shown(f"In {plan}", signs),
            did
            if did.row_count
            else (
                "nothing was kept or removed by it" if len(rows) == 1 else "no rule did anything",
            ),
        )
    section(
        console,
        f"Did nothing in {counted(len(book.plans), 'plan')}",
        table(_idle(book, signs), right=(0,), fill=1),
    )
    section(
        console, "Notes", table(((signs.bullet, shown(note, signs)) for note in book.notes), fill=1)
    )


def _did(
    rows: Iterable[tuple[RuleText, Effect]], signs: Signs
) -> Iterator[tuple[str, str, str, str, str]]:
    for rule, effect in rows:
        if effect.kept_paths or effect.removed_paths:
            kept = (
                (number(effect.kept_paths), _bytes(effect.kept_bytes, signs))
                if effect.kept_paths
                else ("", "")
            )
            removed = (
                (number(effect.removed_paths), _bytes(effect.removed_bytes, signs))
                if effect.removed_paths
                else ("", "")
            )
            yield shown(rule.id, signs), *kept, *removed


def _idle(book: Rulebook, signs: Signs) -> Iterator[tuple[str, str]]:
    """Yield one line for each cause: how many rules, and which."""
    causes: dict[str, list[str]] = {}
    for item in book.idle:
        causes.setdefault(item.why, []).append(item.id)
    for why, names in causes.items():
        yield number(len(names)), shown(f"{why}: {', '.join(names)}", signs)


def _bytes(count: int | None, signs: Signs) -> str:
    return signs.unknown if count is None else size(count)
