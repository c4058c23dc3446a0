"""`python -m tests.bases [NAME …] --repository REPO`: the corpus, built and tested.

Each Dockerfile is built as `careen base migrate` proposes, and again with each `--variant` for the
base of its last stage. REPO/ENTRY[-VARIANT] must be in docker's store, or `--build` makes it. The
status is 1 if one fails as proposed.
"""

import sys
from pathlib import Path

import click

from careen.model.catalog.entry import Variant
from careen.model.catalog.migration import StageMove
from tests.bases.attempt import tried
from tests.bases.corpus import Subject, forced, subjects
from tests.bases.needed import build_missing
from tests.bases.table import Row, table

_BOTH = (Variant.COMPAT.value, Variant.RUNTIME.value)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--repository", default="careen-bases", help="The bases are REPO/ENTRY[-VARIANT].")
@click.option("--variant", "variants", multiple=True, type=click.Choice(_BOTH), default=_BOTH)
@click.option("--build", is_flag=True, help="First build the bases that are missing (root).")
@click.option("--offline", is_flag=True, help="Leave out builds that need package registries.")
@click.option("--table", "path", type=click.Path(path_type=Path), help="Write the table here.")
def main(
    names: tuple[str, ...],
    repository: str,
    variants: tuple[str, ...],
    *,
    build: bool,
    offline: bool,
    path: Path | None,
) -> None:
    """Build and run the corpus."""
    chosen = [each for each in subjects(names) if not (offline and each.network)]
    tries = {each.name: _tries(each, repository, variants) for each in chosen}
    if build:
        build_missing([moves for each in tries.values() for moves in each])
    rows: list[Row] = []
    for subject in chosen:
        rows.append(_tried(subject, tries[subject.name]))
        for found in rows[-1].outcomes:
            print(f"{subject.name:18} {found.variant:8} {found.said or 'passes'}", flush=True)  # noqa: T201 — a program
        if path is not None:
            path.write_text(table(rows, variants), encoding="utf-8")
    sys.exit(any(row.outcomes[0].said for row in rows))


def _tries(
    subject: Subject, repository: str, variants: tuple[str, ...]
) -> tuple[tuple[StageMove, ...], ...]:
    """Return the proposal, then its bases with each other variant at the end."""
    moves = tuple(subject.proposal(repository).stages)
    others = (forced(moves, Variant(variant)) for variant in variants)
    return tuple(dict.fromkeys((moves, *others)))


def _tried(subject: Subject, tries: tuple[tuple[StageMove, ...], ...]) -> Row:
    proposed = tuple(move.variant or "-" for move in tries[0])
    return Row(subject, proposed, tuple(tried(subject, moves) for moves in tries))


main()
