"""`careen fleet forget`: remove images from the store."""

from typing import Any

import click

from careen.cli.fleet.options import json_option, quiet_option, store_option


@click.command("forget", short_help="Remove images from the store.")
@click.argument("images", nargs=-1, metavar="[IMAGE…]")
@click.option(
    "--cluster",
    "clusters",
    multiple=True,
    metavar="NAME",
    help="Remove the list of what runs in this cluster; repeatable.",
)
@store_option
@quiet_option
@json_option
def command(images: tuple[str, ...], clusters: tuple[str, ...], **given: Any) -> int:
    """Remove each IMAGE, named by its digest or name, with all that only it had in the store. The
    image itself stays where it is.

    \b
    careen fleet forget shop/api:2023
    careen fleet forget --cluster old-prod
    """
    from careen.cli.running import emit
    from careen.fleet.store.place import store_place
    from careen.pipeline.fleet.forget import forget as remove
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.figures import counted
    from careen.report.terminal_output.screen import shown

    if not images and not clusters:
        msg = "name an IMAGE, or a cluster with --cluster NAME"
        raise click.UsageError(msg)
    done = remove(store_place(given["store"]), images, clusters)
    if given["as_json"]:
        emit(to_json(done))
    elif given["quiet"]:
        for gone in (*done.images, *done.clusters):
            click.echo(shown(gone))
    else:
        if images:
            click.echo(f"{counted(len(done.images), 'image')} removed, {done.fleet:,} left")
        if clusters:
            click.echo(f"{counted(len(done.clusters), 'list')} of running pods removed")
    return 0
