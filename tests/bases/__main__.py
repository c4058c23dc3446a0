"""`python -m tests.bases [NAME …] --repository REPO`: the table of the corpus.

Each Dockerfile is built with the bases that `careen base migrate` proposes, and again with the
variant `runtime` for its last stage. REPO/ENTRY[-VARIANT] must be in docker's store. The status is 1
if one fails as proposed.
"""

import sys

import click

from careen.model.catalog.entry import Variant
from tests.bases.corpus import subjects, tried


@click.command()
@click.argument("names", nargs=-1)
@click.option("--repository", required=True)
def main(names: tuple[str, ...], repository: str) -> None:
    """Build and run the corpus."""
    failed = 0
    for subject in subjects(names):
        proposed = tried(subject, repository, None)
        failed += bool(proposed.said)
        line = f"{subject.name:16} proposed {proposed.variant:8} {proposed.said or 'passes'}"
        if proposed.variant != Variant.RUNTIME.value:
            least = tried(subject, repository, Variant.RUNTIME)
            line += f"\n{'':16} runtime           {least.said or 'passes'}"
        print(line, flush=True)  # noqa: T201 — a program
    sys.exit(1 if failed else 0)


main()
