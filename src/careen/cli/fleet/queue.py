"""`careen fleet enqueue`, `worker` and `status`: a queue in PostgreSQL."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.fleet.options import state_option
from careen.cli.options import database_option, print_options

_LONGEST = 4 * 3600.0  # seconds of one image

_queue = click.option(
    "--queue",
    envvar="CAREEN_QUEUE",
    required=True,
    metavar="URL",
    help="postgresql://[USER@]HOST/DATABASE; default: $CAREEN_QUEUE.",
)


@click.command("enqueue", short_help="Put the images of a list into the queue.")
@click.argument("images", type=click.Path(path_type=Path, dir_okay=False), metavar="IMAGES.toml")
@click.option(
    "--only", multiple=True, metavar="TAG", help="Only the images with these tags, as globs."
)
@click.option(
    "--priority", type=int, default=0, show_default=True, help="What is higher comes first."
)
@_queue
@print_options
def enqueue_command(images: Path, queue: str, **given: Any) -> int:
    """Put the images of IMAGES.toml into a queue in PostgreSQL, each once. An image that waits
    already is left where it is.

    \b
    careen fleet enqueue images.toml --queue postgresql:///careen
    """
    from careen.cli.running import emit
    from careen.clusters.queue.enqueue import enqueue
    from careen.pipeline.watching.image_list import chosen, load_list
    from careen.report.documents.document import to_json

    tags = [watched.tag for watched in chosen(load_list(images), given["only"])]
    done = enqueue(queue, str(images.absolute()), tags, given["priority"])
    if given["as_json"]:
        emit(to_json(done))
    elif not given["quiet"]:
        click.echo(f"{done.added:,} images added, {done.waiting:,} waited already")
    return 0


@click.command("worker", short_help="Take images from the queue, one after the other.")
@click.option("--once", is_flag=True, help="End when nothing waits.")
@click.option("--push", is_flag=True, help="Push every result once it has passed.")
@state_option
@database_option
@click.option(
    "--engine",
    type=click.Choice(["auto", "docker", "podman", "embedded"]),
    default="auto",
    show_default=True,
    help="Who runs containers.",
)
@_queue
def worker_command(queue: str, **given: Any) -> int:
    """Take images from the queue and bring each up to date by `careen fleet work`, until SIGTERM.

    A signal lets the image of the moment end. Status 1 is tried again, five times in all, after 6
    s, 36 s, 4 min and 22 min; 2, 3 and 4 are final. Jobs of a worker that died are taken over after
    30 s.

    \b
    careen fleet worker --queue postgresql:///careen --push
    """
    from careen.clusters.queue.worker import work

    options = (
        *(("--push",) if given["push"] else ()),
        *(("--state", str(given["state"].absolute())) if given["state"] else ()),
        *(("--db", str(given["db"].absolute())) if given["db"] else ()),
        *(("--engine", given["engine"]) if given["engine"] != "auto" else ()),
    )
    work(
        queue,
        lambda images, tag: _perform(images, tag, options),
        once=given["once"],
        name=f"{os.uname().nodename}-{os.getpid()}",
    )
    return 0


def _perform(images: str, tag: str, options: tuple[str, ...]) -> int:
    """Run the task in a process of its own, which a scheduler of a cluster would do, too."""
    from careen.report.terminal_output.screen import UNICODE, shown
    from careen.tools.process import run

    words = (sys.executable, "-m", "careen", "fleet", "work", images, "--only", tag, "-q", *options)
    done = run(words, timeout=_LONGEST)
    said = done.text.strip() or done.complaint
    click.echo(shown(f"{tag}: {said}", UNICODE))
    return 1 if done.status is None or done.status < 0 else done.status


@click.command("status", short_help="Show what waits, runs and failed in the queue.")
@click.option("--prometheus", "as_text", is_flag=True, help="Print Prometheus text.")
@_queue
@print_options
def status_command(queue: str, **given: Any) -> int:
    """Show what waits, runs and failed in the queue; the last job of each image counts.

    \b
    careen fleet status --queue postgresql:///careen
    """
    from careen.cli.running import emit
    from careen.clusters.queue.status import prometheus, queue_status
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import UNICODE, shown

    status = queue_status(queue)
    if given["as_text"]:
        click.echo(prometheus(status), nl=False)
    elif given["as_json"]:
        emit(to_json(status))
    else:
        words = {"todo": "waiting", "doing": "running", "succeeded": "done", "failed": "failed"}
        click.echo(", ".join(f"{status.counts[key]:,} {word}" for key, word in words.items()))
        if not given["quiet"]:
            for tag in status.running:
                click.echo(shown(f"running  {tag}", UNICODE))
            for tag in status.failed:
                click.echo(shown(f"failed   {tag}", UNICODE))
    return 0
