"""`careen base page`: the page of the whole catalog."""

from pathlib import Path

import click

from careen.cli.bases.options import catalogs_option
from careen.cli.bases.place import state_of, state_option


@click.command("page", short_help="Write the catalog as one searchable page.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The page (HTML).",
)
@state_option
@catalogs_option
def command(output: Path, state: Path | None, catalogs: tuple[Path, ...]) -> int:
    """Write sizes, findings over time, digests and tags of all entries as one file, which loads
    nothing.

    \b
    careen base page -o catalog.html
    """
    from careen.pipeline.refreshing.page import catalog_page
    from careen.pipeline.run.timestamp import now
    from careen.report.output_file import check_output_file, write_output

    check_output_file(output)
    write_output(output, catalog_page(state_of(state), catalogs, now()))
    click.echo(str(output))
    return 0
