"""`careen watch`: one pass over a list of images, for cron or a CI schedule."""

import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.options import database_option, machine_options, print_options


@click.command
@click.argument("images", type=click.Path(path_type=Path, dir_okay=False), metavar="IMAGES.toml")
@click.option(
    "--only",
    "only",
    multiple=True,
    metavar="TAG",
    help="Only the images with these tags, as globs.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what has changed and what would be done; pull, harden, push and write nothing.",
)
@click.option(
    "--push",
    is_flag=True,
    help="Push every result once it has passed, with skopeo's or docker's credentials.",
)
@click.option(
    "--again",
    is_flag=True,
    help="Harden all images, changed or not, including those waiting after a failure.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=(
        "What a pass leaves for the next one, with inventories and reports; default: careen-watch"
        " beside IMAGES.toml."
    ),
)
@database_option
@machine_options
@print_options
def command(images: Path, state: Path | None, **given: Any) -> int:
    """Look after the images of IMAGES.toml (docs/watch.md): one pass, meant for cron or a CI
    schedule.

    An image is patched, hardened, verified and only then tagged again when its upstream, its
    careen.toml or what is known against the result has changed so that something can be done about
    it. The others take no time.

    \b
    careen db update -q && careen watch images.toml --push
    careen watch images.toml --dry-run
    """
    from careen.cli.running import emit, progress_of
    from careen.cli.watching import state_of, watch_request
    from careen.pipeline.watch import watch
    from careen.pipeline.watching.image_list import chosen, load_list
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.watch import print_watch, watch_lines

    listed = chosen(load_list(images), given["only"])
    request = watch_request(listed, state_of(images, state), given)
    result = watch(request, progress_of(given))
    if given["as_json"]:
        emit(to_json(result))
    elif given["quiet"]:
        for line in watch_lines(result):
            click.echo(line)
    else:
        print_watch(open_console(sys.stdout), result)
    return result.status
