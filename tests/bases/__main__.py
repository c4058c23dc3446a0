"""`python -m tests.bases [NAME …] --repository REPO`: the corpus, built and tested.

Each Dockerfile is built as `careen base migrate` proposes, and again with each `--variant` for the
base of its last stage. REPO/ENTRY[-VARIANT] must be in docker's store. The status is 1 if one fails
as proposed.
"""

import sys
from pathlib import Path

import click

from careen.model.catalog.entry import Variant
from tests.bases.attempt import tried
from tests.bases.corpus import Subject, forced, subjects
from tests.bases.table import Row, table

_BOTH = (Variant.COMPAT.value, Variant.RUNTIME.value)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--repository", required=True, help="Where the bases are: REPO/ENTRY[-VARIANT].")
@click.option("--variant", "variants", multiple=True, type=click.Choice(_BOTH), default=_BOTH)
@click.option("--offline", is_flag=True, help="Leave out builds that need package registries.")
@click.option("--table", "path", type=click.Path(path_type=Path), help="Write the table here.")
def main(
    names: tuple[str, ...],
    repository: str,
    variants: tuple[str, ...],
    *,
    offline: bool,
    path: Path | None,
) -> None:
    """Build and run the corpus."""
    rows: list[Row] = []
    failed = 0
    for subject in subjects(names):
        if offline and subject.network:
            continue
        row = _tried(subject, repository, variants)
        proposed = row.outcomes[0]
        failed += bool(proposed.said)
        rows.append(row)
        for found in row.outcomes:
            print(f"{subject.name:18} {found.variant:8} {found.said or 'passes'}", flush=True)  # noqa: T201 — a program
        if path is not None:
            path.write_text(table(rows, variants), encoding="utf-8")
    sys.exit(1 if failed else 0)


def _tried(subject: Subject, repository: str, variants: tuple[str, ...]) -> Row:
    moves = subject.proposal(repository).stages
    outcomes = [tried(subject, moves)]
    for variant in variants:
        other = forced(moves, Variant(variant))
        if variant != outcomes[0].variant and other != moves:
            outcomes.append(tried(subject, other))
    return Row(subject, tuple(move.variant or "-" for move in moves), tuple(outcomes))


main()
