"""Terminal views of `careen base`."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat

from rich.console import Console
from rich.table import Table
from rich.text import Text

from careen.model.catalog.built import BaseFindings, BuiltBase
from careen.model.catalog.contract import Contract, ContractRow, Kept
from careen.model.catalog.listing import EntryRow, EntryText, Figures
from careen.model.measure import Measure
from careen.report.terminal_output.figures import counted, number, size
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import put, section, table, verbatim

_HEAD = ("ENTRY", "VARIANT", "SIZE", "FINDINGS", "FIXABLE", "BUILT HERE")


def print_list(console: Console, rows: Sequence[EntryRow]) -> None:
    """Print the entries; figures only of variants that were built here."""
    signs = signs_of(console)
    lines = [line for row in rows for line in _list_lines(row, signs)]
    put(console, table(lines, right=(2, 3, 4), head=_HEAD, fill=0))
    reasons = dict.fromkeys(row.unproven for row in rows if row.unproven)
    unproven = (
        f"{', '.join(row.name for row in rows if row.unproven == reason)}: {reason}"
        for reason in reasons
    )
    section(console, "Unproven", _listed(unproven, signs))
    gaps = (
        f"{row.name}, {each.variant}: {_gap(each.uncompared)}"
        for row in rows
        for each in row.figures
        if each.uncompared != 0
    )
    section(console, "What the findings leave out", _listed(gaps, signs))


def _listed(lines: Iterable[str], signs: Signs) -> Table:
    """Return a list in which each item is told from the next one, however long it is."""
    return table(((signs.bullet, shown(line, signs)) for line in lines), fill=1)


def _list_lines(row: EntryRow, signs: Signs) -> Iterator[tuple[str, ...]]:
    name = shown(row.name, signs)
    if not row.figures:
        yield name, "", "", "", "", "unproven" if row.unproven else "no"
    for figures in row.figures:
        yield name, figures.variant, *_numbers(figures, signs), _day(figures, signs)
        name = ""


def _numbers(figures: Figures, signs: Signs) -> tuple[str, str, str]:
    findings, fixable = (
        signs.unknown if count is None else number(count)
        for count in (figures.findings, figures.fixable)
    )
    return size(figures.size_bytes), findings, fixable


def _day(figures: Figures, signs: Signs) -> str:
    return shown(figures.built[:10], signs)


def print_entry(console: Console, entry: EntryText) -> None:
    """Print all of one entry."""
    signs, row = signs_of(console), entry.row
    title = Text.assemble((shown(row.name, signs), "bold"), "  ", shown(row.title, signs))
    put(console, title)
    if row.unproven:
        put(console, Text(shown(f"unproven: {row.unproven}", signs), style="yellow"))
    console.print()
    until = f"{row.support_until} ({entry.support_source})" if row.support_until else signs.unknown
    facts = [
        ("made from", entry.upstream or f"packages of {row.distribution} {row.release}"),
        ("new major versions", ", ".join(entry.major_upgrades)),
        ("inherits", ", ".join(entry.inherits)),
        ("variants", ", ".join(row.variants)),
        ("supported until", until),
        ("replaces", ", ".join(entry.replaces)),
        ("packages", " ".join(entry.packages)),
        ("and in compat, dev", " ".join(entry.compat_packages)),
        ("and in dev", " ".join(entry.dev_packages)),
        ("wheels", ", ".join(entry.pip)),
        ("and their index", entry.pip_index),
        ("wheels of compat, dev", ", ".join(entry.compat_pip)),
        ("accounts", ", ".join(entry.users)),
        *zip(chain(("environment",), repeat("")), _settings(entry), strict=False),
    ]
    put(console, table(((key, shown(text, signs)) for key, text in facts if text), fill=1))
    section(console, "runtime leaves out", _listed((*entry.omitted, *entry.dropped), signs))
    section(console, "Tests", _listed(entry.tests, signs))
    built = [
        (
            x.variant,
            *_numbers(x, signs),
            signs.unknown if x.uncompared is None else number(x.uncompared),
            _day(x, signs),
        )
        for x in row.figures
    ]
    if built:
        head = ("variant", "size", "findings", "fixable", "not compared", "built")
        section(console, "Built here", table(built, right=(1, 2, 3, 4), head=head, fill=4))
    else:
        section(console, "Built here", ["nothing yet"])


def _settings(entry: EntryText) -> Iterator[str]:
    return (f"{key}={value}" for key, value in entry.environment.items())


def print_built(console: Console, built: BuiltBase) -> None:
    """Print a finished build: names, layers, findings."""
    signs, measure = signs_of(console), built.measure
    put(
        console,
        Text.assemble(
            ("careen base build  ", "dim"),
            (shown(built.entry, signs), "bold"),
            f" {signs.arrow} {shown(', '.join(built.places), signs)}",
        ),
    )
    facts = [
        ("variant", built.variant),
        *([("unproven", shown(built.unproven, signs))] if built.unproven else []),
        ("size", f"{size(measure.size_bytes)}, {counted(measure.files, 'file')}"),
        ("packages", number(sum(measure.packages.values()))),
        ("shells", number(measure.shells)),
        ("setuid files", number(measure.setuid)),
        ("tests", _tests(built.tested)),
        ("findings", findings_text(built.findings, measure)),
    ]
    console.print()
    put(console, table(facts, fill=1))
    verbatim(console, "Digest", [shown(measure.digest, signs)])
    layers = [
        (shown(each.title, signs), size(each.size), short_digest(each.diff_id))
        for each in built.layers
    ]
    section(console, "Layers", table(layers, right=(1,)))
    section(console, "FIPS mode", [shown(each, signs) for each in built.fips])


def _tests(tested: int | None) -> str:
    if tested == 0:
        return "the entry has none"
    return "did not run" if tested is None else f"{counted(tested, 'test')} passed"


def findings_text(found: BaseFindings | None, measure: Measure) -> str:
    """Return the number of findings, of those with a fix, and what was not compared."""
    if found is None:
        return "not counted: no advisory database"
    if found.says_nothing_of(measure):
        return f"unknown: no feed knows any of its {counted(found.uncompared, 'package')}"
    said = f"{number(found.total)}, {number(found.fixable)} with a fix"
    if found.code_absent:
        said += f"; {number(found.code_absent)} more are about code that is not there"
    said += f"; the distribution's feed {_dated(found.date)}"
    return f"{said}; {_gap(found.uncompared)}" if found.uncompared else said


def _dated(date: str) -> str:
    return "states no date" if date == "unknown" else f"of {date}"


def _gap(uncompared: int | None) -> str:
    """Return how many packages no feed knows: their findings are unknown, not zero."""
    if uncompared is None:
        return "not counted"
    return f"{counted(uncompared, 'package')} not compared with any advisory"


_STYLES = {
    Kept.SAME: "green",
    Kept.NOT_APPLICABLE: "dim",
    Kept.DIFFERS: "",
    Kept.UNKNOWN: "yellow",
    Kept.BROKEN: "red",
}
"""In the order of the table: what a person has to look at stands at its end, by the verdict."""


def print_contract(console: Console, contract: Contract) -> None:
    """Print each item of a contract, and the verdict."""
    signs = signs_of(console)
    title = f"{shown(contract.image, signs)} ({contract.variant})"
    against = f" against {shown(contract.upstream, signs)}"
    put(console, Text.assemble(("careen base verify  ", "dim"), (title, "bold"), against))
    console.print()
    ordered = sorted(contract.rows, key=lambda each: tuple(_STYLES).index(each.kept))
    lines = [_contract_line(each, signs) for each in ordered]
    put(console, table(lines, head=("item", "what", "", "upstream, ours, reason"), fill=(1, 3)))
    console.print()
    counts = {kept: sum(row.kept is kept for row in contract.rows) for kept in Kept}
    said = ", ".join(f"{counts[kept]} {kept.value}" for kept in Kept)
    verdict = "does not drop in" if contract.broken else "drops in"
    sign = signs.cross if contract.broken else signs.tick
    put(console, Text(f"{sign} {verdict}: {said}", style="red" if contract.broken else "green"))


def _contract_line(row: ContractRow, signs: Signs) -> tuple[str | Text, ...]:
    if row.kept is Kept.SAME:
        said = row.ours or "nothing"
    elif row.kept in (Kept.UNKNOWN, Kept.NOT_APPLICABLE):
        said = row.reason
    else:
        said = f"{row.upstream or 'nothing'} {signs.arrow} {row.ours or 'nothing'} ({row.reason})"
    kept = Text(row.kept.value, style=_STYLES[row.kept])
    return row.item, shown(row.what, signs), kept, shown(said, signs)
