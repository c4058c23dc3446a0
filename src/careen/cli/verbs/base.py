"""`careen base`: base images from the catalog."""

import click

from careen.cli.bases import page, refresh
from careen.cli.bases.build import build
from careen.cli.bases.compare import diff, verify
from careen.cli.bases.entries import list_, show
from careen.cli.bases.migrate import migrate
from careen.cli.unknown_verb import VerbsBelow


@click.group(cls=VerbsBelow)
def command() -> None:
    """Build base images from the catalog, prove that they drop in, and keep them fresh.

    \b
    careen base list
    careen base show python:3.13-debian-13
    careen base build python:3.13-debian-13 -t my/python:3.13
    careen base refresh --repository registry.example/bases --push
    """


for _each in (list_, show, build, verify, diff, migrate, refresh.command, page.command):
    command.add_command(_each)
