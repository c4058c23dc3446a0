"""Coverage of the entry points that the image declares and of the application's own modules."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from careen.model.adequacy import Part
from careen.model.paths import ImagePath, source_of
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use

MAX_MISSING = 200
_RUN = frozenset({Use.EXECUTED, Use.MAPPED, Use.OPENED})


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """Command or script of the image: its kind ("HEALTHCHECK") and the file that it runs."""

    what: str
    path: ImagePath


@dataclass(frozen=True, slots=True)
class Module:
    """Source file of the application, and its size in bytes."""

    path: ImagePath
    size: int


def run_files(bom: RuntimeBom) -> frozenset[ImagePath]:
    """Return the files that a workload executed, mapped or read, and the sources of byte code.

    Files that were only looked up are left out, as is exploration.
    """
    run = {
        file.path
        for file in bom.without_exploration().files
        if any(use.use in _RUN for use in file.uses)
    }
    return frozenset(run | {source for path in run if (source := source_of(path)) is not None})


def judge_entry_points(declared: Sequence[EntryPoint], run: AbstractSet[ImagePath]) -> Part:
    """Return the coverage of the declared commands and scripts."""
    if not declared:
        return Part(
            "entry-points",
            "entry points",
            None,
            None,
            None,
            why="the image declares none",
            counts=False,
        )
    missing = [entry for entry in declared if entry.path not in run]
    covered = len(declared) - len(missing)
    named = tuple(f"{entry.what} {entry.path}" for entry in missing[:MAX_MISSING])
    return Part(
        "entry-points",
        "entry points",
        covered / len(declared),
        covered,
        len(declared),
        named,
        counts=False,
    )


def unloaded(modules: Sequence[Module], run: AbstractSet[ImagePath]) -> tuple[Module, ...]:
    """Return the modules that no workload read."""
    return tuple(module for module in modules if module.path not in run)


def judge_modules(
    modules: Sequence[Module], idle: Sequence[Module], hanging: Mapping[str, int]
) -> Part:
    """Return the coverage of the application's modules.

    `idle` are those not loaded; the ones with the most bytes in `hanging` are listed first.
    """
    if not modules:
        return Part(
            "application-modules",
            "application modules",
            None,
            None,
            None,
            why="no module of its own was found",
        )
    ordered = sorted(
        idle, key=lambda module: (-hanging.get(module.path, 0), -module.size, module.path)
    )
    covered = len(modules) - len(idle)
    return Part(
        "application-modules",
        "application modules",
        covered / len(modules),
        covered,
        len(modules),
        tuple(module.path for module in ordered[:MAX_MISSING]),
    )
