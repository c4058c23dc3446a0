import subprocess
from pathlib import Path

import click


@click.group()
def main():
    pass


@main.command()
@click.argument("expression")
def weigh(expression):
    click.echo(subprocess.run(["bc", "-l"], input=expression + "\n", capture_output=True, text=True, check=False).stdout, nl=False)


@main.command()
@click.argument("text")
def dumped(text):
    click.echo(subprocess.run(["hexdump", "-C"], input=text, capture_output=True, text=True, check=False).stdout, nl=False)


@main.command()
@click.argument("name")
def texts(name):
    click.echo(Path("/opt/parcel-texts", name).read_text(), nl=False)
