"""`careen base list` and `show`."""

import sys
from pathlib import Path

import click

from careen.cli.bases.options import catalogs_option
from careen.cli.options import print_options


@click.command("list", short_help="List the entries of the catalog.")
@catalogs_option
@print_options
def list_(catalogs: tuple[Path, ...], *, quiet: bool, as_json: bool) -> int:
    """List the entries, with figures of those that you built here.

    \b
    careen base list
    """
    from careen.cli.running import emit
    from careen.pipeline.catalog.listing import list_bases
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.base import print_list

    rows = list_bases(catalogs)
    if as_json:
        emit(to_json(rows))
    elif quiet:
        for row in rows:
            click.echo(row.name)
    else:
        print_list(open_console(sys.stdout), rows)
    return 0


@click.command("show", short_help="Print one entry with all that it inherits.")
@click.argument("name")
@catalogs_option
@print_options
def show(name: str, catalogs: tuple[Path, ...], *, quiet: bool, as_json: bool) -> int:
    """Print what NAME is made of, its variants and its support; figures only of what was built
    here.

    \b
    careen base show debian:trixie
    """
    from careen.cli.running import emit
    from careen.pipeline.catalog.listing import show_base
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.base import print_entry

    found = show_base(name, catalogs)
    if as_json:
        emit(to_json(found))
    elif quiet:
        click.echo(found.row.title)
    else:
        print_entry(open_console(sys.stdout), found)
    return 0
