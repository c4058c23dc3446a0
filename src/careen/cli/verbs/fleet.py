"""`careen fleet`: many images at once."""

import click

from careen.cli.fleet import incident, queue, render, work
from careen.cli.unknown_verb import VerbsBelow


@click.group(cls=VerbsBelow)
def command() -> None:
    """Keep many images up to date.

    \b
    careen fleet work images.toml --index 3
    careen fleet render images.toml --engine indexed-job --image registry.example/careen:1
    """


for each in (
    incident.command,
    work.command,
    render.command,
    queue.enqueue_command,
    queue.worker_command,
    queue.status_command,
):
    command.add_command(each)
