"""`careen fleet forget`: remove images from the store."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from careen.cli.fleet.options import json_option, quiet_option, store_option

if TYPE_CHECKING:
    from careen.model.fleet.indexed import Forgotten

_AGE = re.compile(r"([0-9]{1,6})(d|w|)\Z", re.ASCII)


@click.command("forget", short_help="Remove images from the store.")
@click.argument("images", nargs=-1, metavar="[IMAGE…]")
@click.option(
    "--cluster",
    "clusters",
    multiple=True,
    metavar="NAME",
    help="Remove the list of what runs in this cluster; repeatable.",
)
@click.option(
    "--older-than",
    metavar="AGE",
    help=(
        "Remove images that were last loaded before that time (90d, 12w; a bare number is days) and"
        " run in no cluster, and lists of clusters that are older."
    ),
)
@click.option("--dry-run", is_flag=True, help="Print what would be removed, and remove nothing.")
@store_option
@quiet_option
@json_option
def command(images: tuple[str, ...], clusters: tuple[str, ...], **given: Any) -> int:
    """Remove each IMAGE, named by its digest or name, with all that only it had in the store. The
    image itself stays where it is. The history of a name goes with the image that it led to last.

    \b
    careen fleet forget shop/api:2023
    careen fleet forget --cluster old-prod
    careen fleet forget --older-than 90d --dry-run
    """
    from careen.cli.running import emit
    from careen.fleet.store.place import store_place
    from careen.pipeline.fleet.forget import ForgetRequest
    from careen.pipeline.fleet.forget import forget as remove
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import shown

    age = given["older_than"]
    if not images and not clusters and age is None:
        msg = "name an IMAGE, a cluster with --cluster NAME, or an age with --older-than"
        raise click.UsageError(msg)
    days = None if age is None else _days(age)
    done = remove(
        store_place(given["store"]), ForgetRequest(images, clusters, days, given["dry_run"])
    )
    if given["as_json"]:
        emit(to_json(done))
        return 0
    listed = (*done.images, *done.clusters) if given["quiet"] or done.dry_run else ()
    for each in listed:
        click.echo(shown(each))
    if not given["quiet"]:
        for line in _lines(done, images=bool(images) or days is not None):
            click.echo(line)
    return 0


def _lines(done: "Forgotten", *, images: bool) -> Iterator[str]:
    from careen.report.terminal_output.figures import counted

    removed = "would be removed" if done.dry_run else "removed"
    if images:
        yield f"{counted(len(done.images), 'image')} {removed}, {done.fleet:,} left"
    if done.histories:
        yield f"{counted(len(done.histories), 'name')} with their history {removed}"
    if done.clusters:
        yield f"{counted(len(done.clusters), 'list')} of running pods {removed}"


def _days(text: str) -> int:
    from careen.errors import InputError

    match = _AGE.match(text.strip())
    if match is None:
        msg = f"--older-than {text[:80]!r}: expected days or weeks, as in 90d or 12w"
        raise InputError(msg)
    return int(match[1]) * (7 if match[2] == "w" else 1)
