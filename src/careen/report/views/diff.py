"""Terminal view of `careen diff`."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from careen.model.comparing.difference import Change, Difference
from careen.model.comparing.imagediff import ImageDiff, PackageChange, PathSets
from careen.model.paths import ImagePath, parent
from careen.report.terminal_output.figures import change, counted, number, size
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

TOP = 20
_LETTERS = {Change.ADDED: "A", Change.REMOVED: "D", Change.CHANGED: "M"}
_LEGEND = (
    "A: only in the second image; D: only in the first; M: in both, and different; largest first"
)
_DIRECTORY, _FILE = "directory", "file"
_TITLE = "careen diff  "


def print_diff(
    console: Console, diff: ImageDiff, before: str, after: str, *, everything: bool = False
) -> None:
    """Print the differences; `before` and `after` are the images' references.

    Without `everything` lists are cut, with a count of the rest.
    """
    signs = signs_of(console)
    _title(console, shown(before, signs), shown(after, signs), signs)
    console.print()
    if diff.same:
        console.print("no difference")
        return
    put(
        console,
        table(_figures(diff, signs), right=(1, 2, 3), head=("", "before", "after", "change")),
    )
    console.print()
    put(console, Text(_LEGEND, style="dim", overflow="fold"))
    most = None if everything else TOP
    sizes = {item.path: item.size for item in diff.files}
    packages = sorted(diff.packages, key=lambda item: (-item.size, item.ecosystem, item.name))
    _list(console, "Packages", [_package(item, signs) for item in packages], most)
    for title, sets in (("Executables", diff.executables), ("Setuid files", diff.setuid)):
        _list(console, title, _paths(sets, sizes, signs), most)
    section(
        console,
        "Configuration",
        table(((signs.bullet, shown(line, signs)) for line in diff.config), fill=1),
    )
    files = sorted(
        (item for item in diff.files if item.kind != _DIRECTORY),
        key=lambda item: (-item.size, item.path),
    )
    directories = [item for item in diff.files if item.kind == _DIRECTORY]
    _list(
        console,
        _counts("Files", [item for item in files if item.kind in (_FILE, "")], files),
        [_file(item, signs) for item in files],
        most,
    )
    topmost = directories if everything else [*_topmost(directories)]
    only = "; the topmost of them" if len(topmost) < len(directories) else ""
    _list(
        console,
        _counts("Directories", directories, directories) + only,
        [_file(item, signs) for item in topmost],
        most,
    )


def _title(console: Console, before: str, after: str, signs: Signs) -> None:
    """Print both names on one line, or on two if they do not fit."""
    line = Text.assemble((_TITLE, "dim"), (before, "bold"), f" {signs.arrow} ", (after, "bold"))
    if len(line) <= console.width:
        put(console, line)
        return
    put(console, Text.assemble((_TITLE, "dim"), (before, "bold"), overflow="fold"))
    second = Text.assemble(f"{signs.arrow} ", (after, "bold"), overflow="fold")
    put(console, Padding(second, (0, 0, 0, len(_TITLE) - len(signs.arrow) - 1), expand=False))


def _figures(diff: ImageDiff, signs: Signs) -> Iterator[tuple[str, str, str, str]]:
    yield (
        "size",
        size(diff.bytes_before),
        size(diff.bytes_after),
        change(diff.bytes_before, diff.bytes_after, minus=signs.minus, unknown=signs.unknown),
    )
    yield (
        "files",
        number(diff.files_before),
        number(diff.files_after),
        change(diff.files_before, diff.files_after, minus=signs.minus, unknown=signs.unknown),
    )


def _counts(title: str, regular: Sequence[Difference], listed: Sequence[Difference]) -> str:
    """Return the title with counts of regular files, as in the table of figures.

    Links and devices are counted separately.
    """
    counts = {kind: sum(1 for item in regular if item.change is kind) for kind in Change}
    words = ", ".join(f"{number(count)} {kind.value}" for kind, count in counts.items() if count)
    others = len(listed) - len(regular)
    more = counted(others, "link or device", "links and devices") if others else ""
    return f"{title}: " + "; ".join(part for part in (words, more) if part)


Row = tuple[str, str, str]


def _list(console: Console, title: str, rows: Sequence[Row], most: int | None) -> None:
    """Print one list, with a column of sizes if any is known."""
    signs = signs_of(console)
    listed = [*rows[:most]]
    if most is not None and len(rows) > most:
        listed.append((signs.ellipsis, "", f"{number(len(rows) - most)} more: --all"))
    if any(row[1] for row in listed):
        section(console, title, table(listed, right=(1,), fill=2))
    else:
        section(console, title, table(((row[0], row[2]) for row in listed), fill=1))


def _package(item: PackageChange, signs: Signs) -> Row:
    name = f"{item.name} ({item.ecosystem})"
    heavy = size(item.size) if item.size else ""
    if item.before is None:
        return "A", heavy, shown(f"{name} {item.after}", signs)
    if item.after is None:
        return "D", heavy, shown(f"{name} {item.before}", signs)
    return "M", heavy, shown(f"{name} {item.before} {signs.arrow} {item.after}", signs)


def _paths(sets: PathSets, sizes: dict[ImagePath, int], signs: Signs) -> list[Row]:
    both = [*(("A", path) for path in sets.added), *(("D", path) for path in sets.removed)]
    both.sort(key=lambda item: (-sizes.get(item[1], 0), item[1]))
    return [
        (letter, size(sizes[path]) if sizes.get(path) else "", shown(path, signs))
        for letter, path in both
    ]


def _file(item: Difference, signs: Signs) -> Row:
    what = (
        f" ({', '.join(item.what)}: {item.before} {signs.arrow} {item.after})" if item.what else ""
    )
    return (
        _LETTERS[item.change],
        size(item.size) if item.size else "",
        shown(f"{item.path}{what}", signs),
    )


def _topmost(directories: Iterable[Difference]) -> Iterator[Difference]:
    """Yield the directories except those whose parent was added or removed likewise."""
    known = {(item.path, item.change) for item in directories}
    for item in directories:
        if item.change is Change.CHANGED or (parent(item.path), item.change) not in known:
            yield item
