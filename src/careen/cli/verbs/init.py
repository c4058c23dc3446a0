"""`careen init`: a first careen.toml."""

from pathlib import Path
from typing import Any

import click

from careen.cli.options import machine_options, print_options


@click.command
@click.argument("source", metavar="IMAGE|compose.yaml|Dockerfile")
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    default="careen.toml",
    show_default=True,
    help="The file to write.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@machine_options
@print_options
def command(source: str, file: Path, *, force: bool, **given: Any) -> int:
    """Write a careen.toml with which `careen harden` works, from what an image, a Dockerfile or a
    compose file says, and from the tests in the file's directory.

    Each line has a comment that says where it comes from. What careen could not find is a line to
    fill in, and a comment itself. Nothing is run, and no value of a secret is written: only names
    of variables.

    \b
    careen init my/service:1
    careen init compose.yaml
    careen init Dockerfile --force
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.init import InitRequest, init
    from careen.report.documents.document import to_json
    from careen.workload.configuration.project import ProjectConfig

    with open_session(settle.settings(given, ProjectConfig()), given) as run:
        written = init(InitRequest(source, file, force), run)
    if given["as_json"]:
        emit(to_json(written))
    else:
        if not given["quiet"]:
            click.echo(written.text)
        click.echo(f"written: {written.file}; next: {' && '.join(written.next)}")
    return 0
