"""`careen fleet work`: one image of a list, as a task of somebody's scheduler."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.fleet.options import state_of, state_option
from careen.cli.options import database_option, machine_options, print_options

if TYPE_CHECKING:
    from careen.pipeline.watching.image_list import Watched

_INDICES = ("CAREEN_INDEX", "JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID")


@click.command("work", short_help="Bring one image of a list up to date: a scheduler's task.")
@click.argument("images", type=click.Path(path_type=Path, dir_okay=False), metavar="IMAGES.toml")
@click.option(
    "--index",
    type=click.IntRange(min=0),
    metavar="N",
    help=(
        "Which image, counted from 0; default: $CAREEN_INDEX, $JOB_COMPLETION_INDEX (Kubernetes)"
        " or $SLURM_ARRAY_TASK_ID."
    ),
)
@click.option("--only", "tag", metavar="TAG", help="The image with this tag, in place of --index.")
@click.option("--push", is_flag=True, help="Push the result once it has passed.")
@click.option("--again", is_flag=True, help="Do everything, changed or not.")
@state_option
@database_option
@machine_options
@print_options
def command(
    images: Path, index: int | None, tag: str | None, state: Path | None, **given: Any
) -> int:
    """Bring one image of IMAGES.toml (docs/watch.md) up to date, as `careen ci --patch` does.

    A task does only what has changed since its last good run, so it may be started twice. Statuses
    2 and 3 are final; 1 and signals are worth another try.

    \b
    careen fleet work images.toml --index 3 --push
    """
    from careen.cli.fleet.update import images_of
    from careen.cli.integration import print_result
    from careen.pipeline.watching.image_list import load_list

    watched = _chosen(load_list(images), index, tag)
    outcome = images_of(state_of(images, state), given).update(watched)
    print_result(outcome, given)
    return outcome.status


def _chosen(listed: "tuple[Watched, ...]", index: int | None, tag: str | None) -> "Watched":
    from careen.errors import InputError

    if tag is not None:
        found = next((watched for watched in listed if watched.tag == tag), None)
        if found is None:
            msg = f"--only {tag!r}: no image of the list has this tag"
            raise InputError(msg)
        return found
    number = _index(index)
    if number >= len(listed):
        msg = f"index {number:,}: the list has {len(listed):,} images, counted from 0"
        raise InputError(msg)
    return listed[number]


def _index(given: int | None) -> int:
    from careen.errors import InputError

    if given is not None:
        return given
    for name in _INDICES:
        if (text := os.environ.get(name)) is not None:
            if text.isascii() and text.isdecimal():
                return int(text)
            msg = f"${name} is {text!r}, not the index of an image; give --index N"
            raise InputError(msg)
    msg = f"which image? give --index N, or set ${_INDICES[0]}"
    raise InputError(msg)
