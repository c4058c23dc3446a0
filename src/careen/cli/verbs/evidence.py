"""`careen evidence`: hand over the evidence of a run."""

from pathlib import Path
from typing import Any

import click

from careen.cli.unknown_verb import VerbsBelow


@click.group(cls=VerbsBelow)
def command() -> None:
    """Hand over the evidence of a run.

    \b
    careen evidence export careen-out/my-service-1 --for auditor
    """


@command.command("export", short_help="Write one archive that is verified without careen.")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--for",
    "reader",
    type=click.Choice(["auditor"]),
    default="auditor",
    show_default=True,
    help="Who reads it; an auditor gets every file, the attestations, the history and the steps.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where it goes; default: evidence.tar.gz here.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the path only.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else."
)
def export(directory: Path, output: Path | None, **given: Any) -> int:
    """Write the report in DIR, its attestations, the image's history and the steps to verify them
    into one archive. Sign DIR first with `careen attest`.

    \b
    careen evidence export careen-out/my-service-1 --for auditor
    """
    from careen.cli.running import emit
    from careen.pipeline.export_evidence import export_evidence
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.figures import size

    done = export_evidence(directory, output or Path("evidence.tar.gz"))
    if given["as_json"]:
        emit(to_json(done))
    elif given["quiet"]:
        click.echo(done.path)
    else:
        click.echo(f"written: {done.path}  {done.files} files, {size(done.size)}")
        click.echo(f"sha256:  {done.sha256}")
        if not done.history:
            click.echo("without the history of the image: this machine has none")
        click.echo("next:    send it with the public key apart; verify.md in it has the steps")
    return 0
