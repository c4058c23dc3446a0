"""What `careen diff` prints of two images."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from careen.model.difference import Change, Difference
from careen.model.imagediff import ImageDiff, PackageChange, PathSets
from careen.report.figures import change, counted, number, size
from careen.report.screen import Signs, shown, signs_of
from careen.report.tables import put, section, table

TOP = 40
_LETTERS = {Change.ADDED: "A", Change.REMOVED: "D", Change.CHANGED: "M"}


def print_diff(console: Console, diff: ImageDiff, before: str, after: str) -> None:
    """Print the differences; `before` and `after` are the images' references. Long lists are cut at 40 lines with a count of the rest."""
    signs = signs_of(console)
    title = Text.assemble(("careen diff  ", "dim"), (shown(before, signs), "bold"), f" {signs.arrow} ", (shown(after, signs), "bold"), overflow="fold")
    put(console, title)
    console.print()
    if diff.same:
        console.print("no difference")
        return
    put(console, table(_figures(diff, signs), right=(1, 2, 3), head=("", "before", "after", "change")))
    section(console, "Packages", table(_cut((_package(item, signs) for item in diff.packages), len(diff.packages), signs), fill=1))
    for title_text, sets in (("Executables", diff.executables), ("Setuid files", diff.setuid)):
        section(console, title_text, table(_cut(_paths(sets, signs), len(sets.added) + len(sets.removed), signs), fill=1))
    section(console, "Configuration", table(((signs.bullet, shown(line, signs)) for line in diff.config), fill=1))
    section(console, _files_title(diff), table(_cut((_file(item, signs) for item in diff.files), len(diff.files), signs), fill=1))


def _figures(diff: ImageDiff, signs: Signs) -> Iterator[tuple[str, str, str, str]]:
    yield "size", size(diff.bytes_before), size(diff.bytes_after), change(diff.bytes_before, diff.bytes_after, minus=signs.minus, unknown=signs.unknown)
    yield "files", number(diff.files_before), number(diff.files_after), change(diff.files_before, diff.files_after, minus=signs.minus, unknown=signs.unknown)


def _files_title(diff: ImageDiff) -> str:
    counts = {kind: sum(1 for item in diff.files if item.change is kind) for kind in Change}
    return "Files: " + ", ".join(f"{number(count)} {kind.value}" for kind, count in counts.items() if count)


def _package(item: PackageChange, signs: Signs) -> tuple[str, str]:
    name = f"{item.name} ({item.ecosystem})"
    if item.before is None:
        return "A", shown(f"{name} {item.after}", signs)
    if item.after is None:
        return "D", shown(f"{name} {item.before}", signs)
    return "M", shown(f"{name} {item.before} {signs.arrow} {item.after}", signs)


def _paths(sets: PathSets, signs: Signs) -> Iterator[tuple[str, str]]:
    yield from (("A", shown(path, signs)) for path in sets.added)
    yield from (("D", shown(path, signs)) for path in sets.removed)


def _file(item: Difference, signs: Signs) -> tuple[str, str]:
    what = f" ({', '.join(item.what)}: {item.before} {signs.arrow} {item.after})" if item.what else ""
    return _LETTERS[item.change], shown(f"{item.path}{what}", signs)


def _cut(rows: Iterable[tuple[str, str]], total: int, signs: Signs) -> Iterator[tuple[str, str]]:
    for count, row in enumerate(rows):
        if count == TOP:
            yield signs.ellipsis, counted(total - TOP, "more", "more")
            return
        yield row
