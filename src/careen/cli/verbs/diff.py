"""`careen diff`: compare two images."""

import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.options import run_options


@click.command
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--all", "everything", is_flag=True, help="Print every difference, not the largest.")
@run_options
def command(before: str, after: str, config_file: Path | None, **given: Any) -> int:
    """Show what differs between images A and B: files, packages, executables, setuid files,
    configuration.

    \b
    careen diff my/service:1 my/service:1-hardened
    careen diff my/service:1 oci:out --all
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.diff import diff
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.diff import print_diff

    project = settle.load_project(config_file)
    with open_session(settle.settings(given, project), given) as run:
        found = diff(settle.image(before, project), settle.image(after, project), run)
    if given["as_json"]:
        emit(to_json(found))
    elif given["quiet"]:
        click.echo("same" if found.same else "different")
    else:
        print_diff(open_console(sys.stdout), found, before, after, everything=given["everything"])
    return 0
