from importlib.resources import files

import click


@click.command()
def drinks():
    """Drinks."""
    click.echo(files("menu.bar").joinpath("drinks.txt").read_text().strip())
