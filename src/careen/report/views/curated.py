"""A base that was cut from an upstream image, on the terminal."""

from collections import Counter

from rich.console import Console
from rich.text import Text

from careen.model.catalog.contract import Kept
from careen.model.catalog.curated import CuratedBase
from careen.report.terminal_output.figures import counted, number, size
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import put, section, table, verbatim
from careen.report.views.base import findings_text


def print_curated(console: Console, built: CuratedBase) -> None:
    """Print a finished build: names, figures of both images, upgrades, the contract."""
    signs, one, two = signs_of(console), built.upstream, built.measure
    put(
        console,
        Text.assemble(
            ("careen base build  ", "dim"),
            (shown(built.entry, signs), "bold"),
            f" from {shown(one.reference, signs)} {signs.arrow}"
            f" {shown(', '.join(built.places), signs)}",
        ),
    )
    packages = [sum(each.packages.values()) for each in (one, two)]
    facts = [
        ("variant", built.variant),
        *([("unproven", shown(built.unproven, signs))] if built.unproven else []),
        ("size", f"{size(one.size_bytes)} {signs.arrow} {size(two.size_bytes)}"),
        ("files", f"{number(one.files)} {signs.arrow} {number(two.files)}"),
        ("packages", f"{number(packages[0])} {signs.arrow} {number(packages[1])}"),
        ("shells", f"{number(one.shells)} {signs.arrow} {number(two.shells)}"),
        ("setuid files", f"{number(one.setuid)} {signs.arrow} {number(two.setuid)}"),
        ("upgrades", _upgrades(built)),
        *([("wheels", _wheels(built, signs))] if built.wheels else []),
        ("tests", f"{counted(built.tested, 'test')} passed"),
        ("findings", _findings(built)),
        ("contract", _contract(built)),
        ("report", shown(built.report, signs) or "not kept: --report-dir keeps it"),
    ]
    console.print()
    put(console, table(facts, fill=1))
    verbatim(console, "Digest", [shown(two.digest, signs)])
    rows = [
        (shown(name, signs), f"{shown(before, signs)} {signs.arrow} {shown(after, signs)}")
        for name, before, after in built.upgrades or ()
    ]
    section(console, "Upgrades", table(rows, fill=0))
    section(console, "Notes", [shown(each, signs) for each in built.notes])


def _upgrades(built: CuratedBase) -> str:
    if built.upgrades is None:
        return "none: no advisory database"
    return counted(len(built.upgrades), "package")


def _wheels(built: CuratedBase, signs: Signs) -> str:
    named = ", ".join(f"{each.name} {each.version}" for each in built.wheels)
    places = ", ".join(dict.fromkeys(built.wheel_indexes.values()))
    return shown(f"{named}; from {places}", signs)


def _findings(built: CuratedBase) -> str:
    before = "" if built.findings_before is None else f"{number(built.findings_before)} before; "
    return before + findings_text(built.findings, built.measure)


def _contract(built: CuratedBase) -> str:
    count = Counter(row.kept for row in built.contract.rows)
    said = f"holds: {counted(count[Kept.SAME], 'item')} same"
    said += f", {count[Kept.DIFFERS]} differ with a reason"
    return f"{said}, {count[Kept.UNKNOWN]} unknown"
