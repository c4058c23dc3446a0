"""`vector COMMAND`; a command's module is imported when it is called."""

import importlib

import click

COMMANDS = {"add": "vector.commands", "find": "vector.commands", "bench": "vector.commands", "doctor": "vector.commands", "convert": "vector.commands", "shell": "vector.commands"}


class Lazy(click.Group):
    def list_commands(self, ctx):
        return sorted(COMMANDS)

    def get_command(self, ctx, name):
        return getattr(importlib.import_module(COMMANDS[name]), name) if name in COMMANDS else None


@click.command(cls=Lazy)
@click.version_option(package_name="vector-store")
def main() -> None:
    """A store for documents."""
