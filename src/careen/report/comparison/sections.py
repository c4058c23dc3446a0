"""What a comparison says, as tables and sentences that both its page and its Markdown show."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from careen.formats.json_document import clean
from careen.report.comparison.changes import Names, RunComparison, RunSide
from careen.report.finished.document import LeftFinding
from careen.report.finished.figures import count, size

UNKNOWN = "unknown"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a comparison: a sentence, and a table (no rows: none)."""

    title: str
    said: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def headline(found: RunComparison) -> str:
    """Return the comparison in one sentence."""
    first = found.figures[0]
    parts = [f"Size {first.shown(first.before)} → {first.shown(first.after)}"]
    parts.append(f"{len(found.packages):,} packages differ")
    if found.findings is None:
        parts.append("findings unknown")
    else:
        parts.append(
            f"{len(found.findings.new):,} new findings, {len(found.findings.fixed):,} fixed"
        )
    return "; ".join(parts)


def sections(found: RunComparison) -> Iterator[Section]:
    """Yield the parts in the order in which people read them."""
    yield Section(
        "Figures of both results",
        "",
        ("", "before", "after"),
        tuple(
            (each.title, each.shown(each.before), each.shown(each.after)) for each in found.figures
        ),
    )
    yield from _proof(found)
    yield from _findings(found)
    yield _packages(found)
    yield from _files(found)
    yield _names("System calls", found.syscalls)
    yield _names("Network endpoints", found.endpoints)
    gaps = found.not_compared
    yield Section(
        "Not compared",
        "" if gaps else "No gap is known.",
        ("What", "") if gaps else (),
        tuple((each, "") for each in gaps),
    )


def _proof(found: RunComparison) -> Iterator[Section]:
    rows = [
        ("Verdict", found.before.verdict, found.after.verdict),
        ("Level", found.before.level, found.after.level),
        ("Tests on the result", _tests(found.before), _tests(found.after)),
        (
            "Adequacy of the profile",
            _percent(found.before.adequacy),
            _percent(found.after.adequacy),
        ),
        *_parts(found),
    ]
    yield Section("Proof", "", ("", "before", "after"), tuple(rows))


def _tests(side: RunSide) -> str:
    if side.tests is None:
        return "none"
    cases = "tests" if side.tests.cases is None else f"{count(side.tests.cases)} cases"
    return f"{cases} {'passed' if side.tests.passed else 'did not all pass'}"


def _parts(found: RunComparison) -> Iterator[tuple[str, str, str]]:
    old, new = (
        {each.title: each.share for each in side.adequacy_parts}
        for side in (found.before, found.after)
    )
    for title in dict.fromkeys((*old, *new)):
        yield f"Adequacy: {title}", _percent(old.get(title)), _percent(new.get(title))


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{round(100 * share)} %"


def _findings(found: RunComparison) -> Iterator[Section]:
    if found.findings is None:
        yield Section("Findings", "Unknown: they were not counted in both runs.")
        return
    for title, listed in (("New", found.findings.new), ("Fixed", found.findings.fixed)):
        yield Section(
            f"{title} findings",
            f"{count(len(listed))}; {count(found.findings.both)} are in both results.",
            ("Finding", "Package", "Fixed in", "Severity", "Evidence"),
            tuple(_row(each) for each in listed),
        )


def _row(each: LeftFinding) -> tuple[str, ...]:
    return (
        each.id,
        f"{each.package} {each.installed}",
        ", ".join(each.fixed) or "no fix known",
        each.severity or UNKNOWN,
        each.tier,
    )


def _packages(found: RunComparison) -> Section:
    return Section(
        "Packages",
        f"{count(len(found.packages))} differ.",
        ("Package", "before", "after", "Size"),
        tuple(
            (
                f"{each.name} ({each.ecosystem})",
                each.before or NONE,
                each.after or NONE,
                size(each.size),
            )
            for each in found.packages
        ),
    )


def _files(found: RunComparison) -> Iterator[Section]:
    files = found.files
    yield Section(
        "Files",
        f"{count(len(files.added))} added, {count(len(files.removed))} removed,"
        f" {count(len(files.changed))} changed, {count(files.same)} the same,"
        f" {count(files.not_compared)} not compared.",
        ("Path", "Change"),
        (
            *((path, "added") for path in files.added),
            *((path, "removed") for path in files.removed),
            *((path, "changed") for path in files.changed),
        ),
    )
    yield _names("Executables", found.executables)


def _names(title: str, names: Names | None) -> Section:
    if names is None:
        return Section(title, "Unknown: they were not recorded in both runs.")
    said = (
        f"{count(len(names.added))} added, {count(len(names.removed))} removed,"
        f" {count(names.both)} in both."
    )
    rows = (
        *((name, "added") for name in names.added),
        *((name, "removed") for name in names.removed),
    )
    return Section(title, said, ("Name", "Change"), rows)


def cut(rows: Sequence[tuple[str, ...]], most: int) -> tuple[Iterable[tuple[str, ...]], int]:
    """Return the first rows, cleaned of control characters, and how many are left out."""
    shown = [tuple(clean(cell) for cell in row) for row in rows[:most]]
    return shown, max(len(rows) - most, 0)
