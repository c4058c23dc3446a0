"""Terminal view of `careen base diff`."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.catalog.base_diff import BaseDiff
from careen.model.comparing.imagediff import PackageChange
from careen.report.terminal_output.figures import change, number, size
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import put, section, table


def print_base_diff(console: Console, diff: BaseDiff) -> None:
    """Print the figures of both bases and what differs."""
    signs = signs_of(console)
    names = f"{shown(diff.before, signs)} {signs.arrow} {shown(diff.after, signs)}"
    put(console, Text.assemble(("careen base diff  ", "dim"), (names, "bold")))
    console.print()
    head = ("", "before", "after", "change")
    put(console, table(_figures(diff, signs), right=(1, 2, 3), head=head))
    if diff.shared_layers:
        put(
            console, f"layers that both begin with: {diff.shared_layers}, {size(diff.shared_bytes)}"
        )
    if diff.same:
        console.print("no difference in packages, accounts and configuration")
        return
    packages = [_package(each, signs) for each in diff.packages]
    section(console, f"Packages: {len(packages)}", table(packages, right=(1,), fill=2))
    section(console, "Users", [shown(line, signs) for line in diff.users])
    section(console, "Groups", [shown(line, signs) for line in diff.groups])
    section(console, "Configuration", [shown(line, signs) for line in diff.config])


def _figures(diff: BaseDiff, signs: Signs) -> Iterator[tuple[str, ...]]:
    for name, before, after, form in (
        ("size", diff.bytes_before, diff.bytes_after, size),
        ("files", diff.files_before, diff.files_after, number),
        ("layers", diff.layers_before, diff.layers_after, number),
    ):
        changed = change(before, after, minus=signs.minus, unknown=signs.unknown)
        yield name, form(before), form(after), changed


def _package(item: PackageChange, signs: Signs) -> tuple[str, str, str]:
    name = f"{item.name} ({item.ecosystem})"
    heavy = size(item.size) if item.size else ""
    if item.before is None:
        return "A", heavy, shown(f"{name} {item.after}", signs)
    if item.after is None:
        return "D", heavy, shown(f"{name} {item.before}", signs)
    return "M", heavy, shown(f"{name} {item.before} {signs.arrow} {item.after}", signs)
