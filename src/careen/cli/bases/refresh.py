"""`careen base refresh`: one pass over the catalog, for cron or a CI schedule."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from careen.cli.bases.options import (
    catalogs_option,
    source_key_option,
    sources_option,
    wheel_index_option,
)
from careen.cli.bases.place import state_of, state_option
from careen.cli.options import database_option, machine_options, print_options
from careen.model.catalog.entry import Variant


@click.command("refresh", short_help="Build what has changed, and promote what passes.")
@click.argument("entries", nargs=-1, metavar="[ENTRY…]")
@click.option(
    "--repository",
    required=True,
    metavar="NAME",
    help="Where the images go: NAME/debian:13, NAME/debian:13.4, NAME/debian:13-20261201.",
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    type=click.Choice([each.value for each in Variant]),
    help="Only these variants; default: all that an entry has.",
)
@click.option("--push", is_flag=True, help="Push to the registry of --repository.")
@click.option(
    "--against",
    "against",
    multiple=True,
    metavar="ENTRY=IMAGE",
    help="Check the drop-in contract with this upstream image before anything is promoted.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be built; build and write nothing.")
@click.option("--again", is_flag=True, help="Build all, changed or not, and those that wait.")
@state_option
@sources_option
@source_key_option
@wheel_index_option
@catalogs_option
@database_option
@machine_options
@print_options
def command(entries: tuple[str, ...], state: Path | None, **given: Any) -> int:
    """Look after each ENTRY (default: all that can be built): one pass, meant for cron or a CI
    schedule.

    An image is built when a source offers another version of one of its packages, or its definition
    has changed. It is tested and verified, and only then promoted. One that fails is held back with
    status 3, and the old one stays.

    \b
    careen db update -q && careen base refresh --repository registry.example/bases --push
    careen base refresh debian:trixie --repository my --variant runtime --dry-run
    """
    from careen.advisories.matching.location import default_database
    from careen.cli import settle
    from careen.cli.running import emit, progress_of
    from careen.pipeline.refreshing.refresh import refresh
    from careen.pipeline.refreshing.work import RefreshRequest
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.refresh import print_refresh, refresh_lines
    from careen.workload.configuration.project import ProjectConfig

    request = RefreshRequest(
        repository=given["repository"],
        state=state_of(state),
        database=given["db"] or default_database(),
        settings=settle.settings(given, ProjectConfig()),
        entries=entries,
        variants=tuple(Variant(each) for each in given["variants"]),
        against=_pairs(given["against"]),
        catalogs=given["catalogs"],
        sources=given["sources"],
        keyring=given["source_key"],
        wheel_index=given["wheel_index"] or "",
        push=given["push"],
        again=given["again"],
        dry_run=given["dry_run"],
    )
    result = refresh(request, progress_of(given))
    if given["as_json"]:
        emit(to_json(result))
    elif given["quiet"]:
        for line in refresh_lines(result):
            click.echo(line)
    else:
        print_refresh(open_console(sys.stdout), result)
    return result.status


def _pairs(texts: tuple[str, ...]) -> Mapping[str, str]:
    from careen.errors import InputError

    out: dict[str, str] = {}
    for text in texts:
        name, equals, image = text.partition("=")
        if not name or not equals or not image:
            msg = f"--against {text}: expected ENTRY=IMAGE"
            raise InputError(msg)
        out[name] = image
    return out
