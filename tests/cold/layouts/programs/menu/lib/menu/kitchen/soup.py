import click


@click.command()
@click.option("--hot/--cold", default=True, help="How it is served.")
def soup(hot):
    """A soup."""
    click.echo(click.style("hot soup" if hot else "cold soup", fg="red"))
