import importlib

import click

COMMANDS = {"soup": "menu.kitchen.soup:soup", "drinks": "menu.bar.drinks:drinks", "bill": "menu.kitchen.bill:app"}


class Lazy(click.Group):
    def list_commands(self, ctx):
        return sorted(COMMANDS)

    def get_command(self, ctx, cmd_name):
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(importlib.import_module(module), name)
        if isinstance(found, click.Command):
            return found
        import typer.main

        return typer.main.get_command(found)


@click.group(cls=Lazy)
def main():
    """The menu."""
