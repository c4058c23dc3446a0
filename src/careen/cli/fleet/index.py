"""`careen fleet index`: put documents of many images into the store."""

from pathlib import Path
from typing import Any

import click

from careen.cli.fleet.options import json_option, quiet_option, store_option


@click.command("index", short_help="Put SBOMs, RBOMs and reports into the store.")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path, exists=False)
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1, max=64),
    metavar="N",
    help="Processes that read documents; default: one for each processor, 16 at most.",
)
@store_option
@quiet_option
@json_option
def command(paths: tuple[Path, ...], **given: Any) -> int:
    """Put the documents at each PATH into the store: report directories of careen, SBOMs
    (CycloneDX, SPDX, Syft), RBOMs and scans of careen, directories of them, lists of documents
    (TOML; docs/fleet.md; not the list of `careen watch`), and what runs in a cluster (`kubectl get
    pods -A -o json`).

    What is in the store already is skipped, so a run that was cut off goes on where it was. A
    document that cannot be read is named, and the rest goes on; then the status is 1.

    \b
    careen fleet index careen-out
    careen fleet index sboms --store postgresql:///fleet
    """
    from careen.cli.running import emit, progress_of
    from careen.fleet.store.place import store_place
    from careen.pipeline.fleet.index import index as put_all
    from careen.pipeline.fleet.reading import default_jobs
    from careen.report.documents.document import to_json
    from careen.report.fleet.indexed import indexed_lines

    jobs = given["jobs"] or default_jobs()
    done = put_all(store_place(given["store"]), paths, progress_of(given), jobs)
    if given["as_json"]:
        emit(to_json(done))
    else:
        for line in indexed_lines(done, quiet=given["quiet"]):
            click.echo(line)
    return 1 if done.refused else 0
