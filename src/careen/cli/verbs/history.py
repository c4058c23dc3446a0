"""`careen history`: what was done to an image, and whether its record is whole."""

import sys
from typing import Any

import click

BROKEN = 3


@click.command
@click.argument("image", metavar="IMAGE")
@click.option("-q", "--quiet", is_flag=True, help="Print one line for each event.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else."
)
def command(image: str, **given: Any) -> int:
    """List the runs that hardened IMAGE, or made it, oldest first. IMAGE is a name with or without
    a tag, or a digest; no image is opened.

    The histories are in $CAREEN_HISTORY, else ~/.local/share/careen/history. Each line of a history
    names the SHA-256 of the line before; ends with status 3 if a line was changed or removed. The
    newest line is protected by the next one only.

    \b
    careen history my-service
    careen history sha256:7e…
    """
    from careen.cli.running import emit
    from careen.pipeline.history import history_of
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.history import history_lines, print_history

    found = history_of(image)
    if given["as_json"]:
        emit(to_json(found))
    elif given["quiet"]:
        for line in history_lines(found):
            click.echo(line)
    else:
        print_history(open_console(sys.stdout), image, found)
    return BROKEN if any(each.broken for each in found) else 0
