"""The proposal for a Dockerfile: a base for each stage, and the patch of its FROM lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from careen.catalog.entries import Catalog
from careen.catalog.migrate.context import no_heads
from careen.catalog.migrate.copied import Files, Heads
from careen.catalog.migrate.names import entry_for, is_full, of_its_kind
from careen.catalog.migrate.needs import needs, variant_for
from careen.catalog.migrate.patch import migrated, place, unified
from careen.catalog.migrate.programs import absent_programs
from careen.catalog.migrate.stages import Stage, read_stages
from careen.catalog.recipe import omitted
from careen.model.catalog.entry import Entry, Variant
from careen.model.catalog.migration import Migration, Need, StageMove


@dataclass(frozen=True, slots=True)
class Wanted:
    """How bases are named here: REPOSITORY/ENTRY, with the variant at the end of the tag.

    `arguments` are values of --build-arg. `programs` are those that the image's workload ran, by
    the name of their package. `heads` reads the first bytes of files of the build context.
    """

    repository: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    programs: Mapping[str, str] = field(default_factory=dict)
    heads: Heads = no_heads


def propose(text: str, path: str, catalog: Catalog, wanted: Wanted) -> Migration:
    """Return the migration of a Dockerfile. Raises ConfigError for one that cannot be parsed."""
    stages = read_stages(text, path, wanted.arguments)
    files = Files(stages, wanted.heads)
    moves = tuple(_move(stage, files, catalog, wanted) for stage in stages)
    after = migrated(text, path, stages, moves, wanted.arguments)
    name, folder = place(path)
    patch = unified(text, after, name)
    return Migration(
        path,
        moves,
        patch,
        (*_notes(moves, folder if patch else ""), *_left(stages, moves, catalog)),
    )


def _notes(moves: Sequence[StageMove], folder: str) -> Iterator[str]:
    if any(move.variant == Variant.RUNTIME.value for move in moves[-1:]):
        yield "in the last stage, paths and users of the base are those of its variant"
    if folder:
        yield f"the file is outside the current directory: `patch -d {folder} -p1` applies it"


def _left(stages: Sequence[Stage], moves: Sequence[StageMove], catalog: Catalog) -> Iterator[str]:
    """Yield notes on what the patch drops, and on images that it leaves."""
    names = {name for stage in stages for name in (stage.alias, str(stage.number))}
    for stage, move in zip(stages, moves, strict=True):
        if move.after and "@" in stage.image:
            yield f"line {move.line}: the new name has no digest; pin that of your own base"
        for step in stage.steps:
            for flag in step.flags:
                name, _, image = flag.partition("=")
                known = image.lower() not in names and entry_for(catalog, image) is not None
                if name == "--from" and known:
                    yield f"line {step.first}: {flag} is not moved; copy from a stage of its own"


def reference(wanted: Wanted, entry: Entry, variant: Variant) -> str:
    """Return the name of a base in the Dockerfile."""
    suffix = "" if variant is Variant.RUNTIME else f"-{variant.value}"
    return f"{wanted.repository.rstrip('/')}/{entry.name}{suffix}"


def _above(stage: Stage, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Return the stages that begin with a stage, and those that begin with them."""
    out: list[Stage] = []
    for each in stages:
        if each.below is not None and (each.below is stage or any(each.below is x for x in out)):
            out.append(each)
    return tuple(out)


def _move(stage: Stage, files: Files, catalog: Catalog, wanted: Wanted) -> StageMove:
    stages = files.stages
    known = entry_for(catalog, stage.image) if stage.below is None else None
    absent = absent_programs(catalog, known)
    found = tuple(needs(stage, absent, files))
    above = _above(stage, stages)
    # the base must run the steps of the stages above, too
    together = (*found, *(need for each in above for need in needs(each, absent, files)))
    last = stages[-1] in (stage, *above)
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
        if others := of_its_kind(catalog, stage.image):
            reason += f"; for other tags there are {', '.join(others)}"
    elif doubt := next((x.unproven for x in catalog.chain(entry) if x.unproven), ""):
        reason = f"{entry.name} is unproven: {doubt}"
    else:
        variant = variant_for(together, last=last, full=is_full(entry, stage.image))
        why = _why(variant, tuple(each.need for each in together))
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
    silent = (Need.NOTHING, Need.UNKNOWN)
    names = ", ".join(dict.fromkeys(each.value for each in found if each not in silent))
    if not names and Need.UNKNOWN in found:
        return "unknown whether runtime has what a step starts"
    return f"steps need: {names}" if names else "a step runs a program"
