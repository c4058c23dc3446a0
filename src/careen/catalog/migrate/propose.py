"""The proposal for a Dockerfile: a base for each stage, and the patch of its FROM lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from careen.catalog.entries import Catalog
from careen.catalog.migrate.names import entry_for, is_full
from careen.catalog.migrate.needs import needs, variant_for
from careen.catalog.migrate.patch import migrated, place, unified
from careen.catalog.migrate.stages import Stage, read_stages
from careen.catalog.recipe import omitted
from careen.model.catalog.entry import Entry, Variant
from careen.model.catalog.migration import Migration, Need, StageMove


@dataclass(frozen=True, slots=True)
class Wanted:
    """How bases are named here: REPOSITORY/ENTRY, with the variant at the end of the tag.

    `arguments` are values of --build-arg. `programs` are those that the image's workload ran, by
    the name of their package.
    """

    repository: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    programs: Mapping[str, str] = field(default_factory=dict)


def propose(text: str, path: str, catalog: Catalog, wanted: Wanted) -> Migration:
    """Return the migration of a Dockerfile. Raises ConfigError for one that cannot be parsed."""
    stages = read_stages(text, path, wanted.arguments)
    used = _copied_from(stages)
    moves = tuple(
        _move(stage, catalog, wanted, last=stage is stages[-1] and stage.name not in used)
        for stage in stages
    )
    after = migrated(text, path, stages, moves, wanted.arguments)
    name, folder = place(path)
    patch = unified(text, after, name)
    return Migration(path, moves, patch, tuple(_notes(moves, folder if patch else "")))


def _notes(moves: Sequence[StageMove], folder: str) -> Iterator[str]:
    if any(move.variant == Variant.RUNTIME.value for move in moves[-1:]):
        yield "in the last stage, paths and users of the base are those of its variant"
    if folder:
        yield f"the file is outside the current directory: `patch -d {folder} -p1` applies it"


def reference(wanted: Wanted, entry: Entry, variant: Variant) -> str:
    """Return the name of a base in the Dockerfile."""
    suffix = "" if variant is Variant.RUNTIME else f"-{variant.value}"
    return f"{wanted.repository.rstrip('/')}/{entry.name}{suffix}"


def _copied_from(stages: Sequence[Stage]) -> set[str]:
    """Return the names of stages that another one begins with."""
    return {stage.below.name for stage in stages if stage.below is not None}


def _move(stage: Stage, catalog: Catalog, wanted: Wanted, *, last: bool) -> StageMove:
    found = tuple(needs(stage))
    line, name = stage.begin.first, stage.name
    reason = ""
    if stage.below is not None:
        reason = f"begins with stage {stage.below.name}"
    elif not stage.image:
        reason = "a variable of FROM has no value; give it with --build-arg NAME=VALUE"
    elif stage.image == "scratch":
        reason = "begins with nothing"
    elif (entry := entry_for(catalog, stage.image)) is None:
        reason = "no entry of the catalog stands in for it"
    elif entry.unproven:
        reason = f"{entry.name} is unproven: {entry.unproven}"
    else:
        variant = variant_for(found, last=last, full=is_full(stage.image))
        why = _why(variant, tuple(each.need for each in found))
        if last and variant is Variant.RUNTIME and (ran := _lacking(catalog, entry, wanted)):
            variant, why = Variant.COMPAT, f"the workload runs {ran}, which runtime leaves out"
        after = reference(wanted, entry, variant)
        return StageMove(line, name, stage.image, after, entry.name, variant.value, why, found)
    return StageMove(line, name, stage.image or stage.written, "", "", "", reason, found)


def _lacking(catalog: Catalog, entry: Entry, wanted: Wanted) -> str:
    """Return the programs that the workload ran and the entry leaves out, in words; "" for none."""
    left = {name for each in omitted(catalog.chain(entry)) for name in each.names}
    return ", ".join(path for name, path in sorted(wanted.programs.items()) if name in left)


def _why(variant: Variant, found: Sequence[Need]) -> str:
    if variant is Variant.RUNTIME:
        return "no step needs a shell"
    names = ", ".join(dict.fromkeys(each.value for each in found if each is not Need.NOTHING))
    return f"steps need: {names}" if names else "a step runs a program"
