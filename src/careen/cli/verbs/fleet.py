"""`careen fleet`: which images have something, and how strongly they use it."""

import click

from careen.cli.fleet import export, forget, incident, index, queue, render, trends, who_has, work
from careen.cli.unknown_verb import VerbsBelow


@click.group(cls=VerbsBelow)
def command() -> None:
    """Ask many images at once: which have a package, a file or a vulnerability, and which use it.
    Then fix them in waves, and keep them up to date.

    \b
    careen fleet index careen-out sboms
    careen fleet who-has 'pkg:maven/org.apache.logging.log4j/log4j-core<2.17.1' --executed
    careen fleet incident run CVE-2021-44228 images.toml --push
    """


for each in (
    index.command,
    who_has.command,
    trends.command,
    export.command,
    forget.command,
    incident.command,
    work.command,
    render.command,
    queue.enqueue_command,
    queue.worker_command,
    queue.status_command,
):
    command.add_command(each)
