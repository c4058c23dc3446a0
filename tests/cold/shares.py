"""Of the bytes that a plan keeps beyond its profile: how many a cold case uses, by reason code."""

import tarfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import IO, Any

from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use

CONTENT = frozenset({Use.EXECUTED, Use.MAPPED, Use.OPENED})
"""The uses that need a file's bytes. A path that is only looked up or listed needs its name."""
SWEEPS = ("import_sweep.py", "standard_library.py")
PACKAGES = ("site-packages", "dist-packages", "node_modules")


@dataclass(slots=True)
class Row:
    """Count regular files that are kept and that the profile did not read.

    `kept` are their bytes, `used` those that cases read, `swept` those that sweeps read, too.
    """

    files: int = 0
    kept: int = 0
    used: int = 0
    swept: int = 0

    def add(self, other: "Row") -> None:
        """Count another row in."""
        for each in fields(Row):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def share(self) -> float:
        """The part of the kept bytes that a case uses, sweeps apart; 0 of nothing."""
        return self.used / self.kept if self.kept else 0.0


@dataclass(frozen=True, slots=True)
class Precision:
    """Hold the bytes of a plan.

    `profiled` are those that the profile read; `groups` has the rest by reason code and directory
    (`place_of`). `missing` are files that a case read and the plan removes: path to bytes.
    `unwatched` says what no sensor saw.
    """

    profiled: int
    groups: Mapping[tuple[str, str], Row]
    missing: Mapping[str, int]
    unwatched: tuple[str, ...] = ()

    @property
    def rows(self) -> Mapping[str, Row]:
        """The groups of each reason code together."""
        rows: dict[str, Row] = defaultdict(Row)
        for (code, _), group in self.groups.items():
            rows[code].add(group)
        return dict(rows)

    @property
    def total(self) -> Row:
        """All groups together."""
        whole = Row()
        for group in self.groups.values():
            whole.add(group)
        return whole


def sizes_of(stream: IO[bytes]) -> Mapping[str, int]:
    """Return the bytes of every regular file in a tar archive; of hard links the first counts."""
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        return {f"/{one.name.removeprefix('./')}": one.size for one in archive if one.isreg()}


def read_by(bom: RuntimeBom) -> frozenset[str]:
    """Return the paths whose content the runs of an RBOM used."""
    read = (file for file in bom.files if any(use.use in CONTENT for use in file.uses))
    return frozenset(str(file.path) for file in read)


def measure(
    plan: Plan,
    sizes: Mapping[str, int],
    profile: RuntimeBom,
    cases: RuntimeBom,
    sweeps: RuntimeBom | None = None,
) -> Precision:
    """Compare a plan with what its profile, the cold cases, and the sweeps among them read."""
    kept = frozenset(map(str, plan.keep))
    seen, used = read_by(profile), _without_byte_code(read_by(cases), kept)
    swept = used | _without_byte_code(read_by(sweeps) if sweeps else frozenset(), kept)
    groups: dict[tuple[str, str], Row] = defaultdict(Row)
    profiled = 0
    for at, reason in plan.keep.items():
        path = str(at)
        size = sizes.get(path)
        if size is None:
            continue
        if path in seen:
            profiled += size
            continue
        row = Row(1, size, size if path in used else 0, size if path in swept else 0)
        groups[reason.code, place_of(path)].add(row)
    needed = used & sizes.keys()
    missing = {path: sizes[path] for path in map(str, plan.remove) if path in needed}
    return Precision(profiled, dict(groups), missing, tuple(_unwatched(cases, sweeps)))


def place_of(path: str) -> str:
    """Return the directory that a path counts for: its Python or Node package, or three names."""
    parts = path.split("/")
    for at, part in enumerate(parts[:-1]):
        if part in PACKAGES:
            return "/".join(parts[: at + 2])
    return "/".join(parts[:-1][:4]) or "/"


def source_of(path: str) -> str:
    """Return the Python source of byte code in `__pycache__`, "" of any other path."""
    folder, _, name = path.rpartition("/")
    if not name.endswith(".pyc") or not folder.endswith("/__pycache__"):
        return ""
    return f"{folder.removesuffix('/__pycache__')}/{name.partition('.')[0]}.py"


def _without_byte_code(read: frozenset[str], kept: frozenset[str]) -> frozenset[str]:
    """Replace byte code that the plan drops by its source: the hardened image reads that."""
    sources = {path: source for path in read - kept if (source := source_of(path)) in kept}
    return (read - sources.keys()) | frozenset(sources.values())


def _unwatched(*boms: RuntimeBom | None) -> Iterator[str]:
    for bom in boms:
        for run in bom.runs if bom else ():
            for name, times in run.sensor.losses.items():
                if times:
                    yield f"{run.workload}: {name} {times}"


def lines_of(precision: Precision, least: int = 100_000) -> Iterator[str]:
    """Yield the table, most unused bytes first; reasons with less than `least` are one line."""
    yield f"{'reason':<34} {'files':>7} {'MB kept':>9} {'used':>8} {'swept':>8} {'share':>7}"
    rest = Row()
    for code, row in sorted(precision.rows.items(), key=_unused):
        if row.kept < least:
            rest.add(row)
        else:
            yield _line(code, row)
    if rest.files:
        yield _line("others", rest)
    yield _line("all", precision.total)
    yield f"read by the profile: {precision.profiled / 1e6:.1f} MB"
    if gone := precision.missing:
        yield f"read by a case and removed: {len(gone)} files, {sum(gone.values()) / 1e6:.1f} MB"
    yield from (f"not watched: {line}" for line in precision.unwatched)


def _line(name: str, row: Row) -> str:
    kept, used, swept = (f"{number / 1e6:.1f}" for number in (row.kept, row.used, row.swept))
    return f"{name:<34} {row.files:>7} {kept:>9} {used:>8} {swept:>8} {row.share:>7.1%}"


def record_of(subject: str, precision: Precision) -> dict[str, Any]:
    """Return the JSON object of one subject."""
    groups = sorted(precision.groups.items(), key=_unused)
    return {
        "subject": subject,
        "profiled": precision.profiled,
        "all": _row(precision.total),
        "reasons": {code: _row(row) for code, row in sorted(precision.rows.items())},
        "groups": [{"code": code, "place": place, **_row(row)} for (code, place), row in groups],
        "removed_but_used": dict(sorted(precision.missing.items())),
        "not_watched": list(precision.unwatched),
    }


def _unused(item: tuple[object, Row]) -> int:
    return item[1].used - item[1].kept


def _row(row: Row) -> dict[str, int]:
    return {each.name: getattr(row, each.name) for each in fields(Row)}


def is_sweep(texts: Iterable[str]) -> bool:
    """Say whether a case imports all that there is, by the probe that its words name."""
    return any(name in text for text in texts for name in SWEEPS)
