"""`careen scan`: list the findings of an image or an SBOM."""

import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.help_sections import SectionedCommand
from careen.cli.options import database_option, gate_options, listing_options, run_options
from careen.cli.renamed import Renamed
from careen.errors import InputError
from careen.pipeline.findings.scan_outputs import (
    FORMATS,
    STANDARD_OUTPUT,
    Output,
    parse_scan_outputs,
)

CROSSED = 2


@click.command(cls=SectionedCommand)
@click.argument("image", required=False)
@click.option(
    "--rbom",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The RBOM of this image: tells which findings can execute.",
)
@click.option(
    "--from-report",
    "report",
    cls=Renamed,
    old=("--report",),
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Triage the findings of this Trivy, Grype or SARIF report, not careen's own.",
)
@database_option
@gate_options
@listing_options
@click.option(
    "--all", "everything", is_flag=True, help="Print all findings, including those to track."
)
@click.option(
    "--details", is_flag=True, help="Print the reasons of each finding, in place of the table."
)
@click.option(
    "--show-suppressed",
    "suppressed",
    is_flag=True,
    help="Print all findings that are not counted (.careenignore, VEX), not only the first.",
)
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(list(FORMATS)),
    help="Print in this format; with -o FILE write it there.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write a document, too; may be given several times.",
)
@click.option(
    "--template",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The Jinja template of `-o template=FILE` (docs/template.md).",
)
@run_options
def command(image: str | None, config_file: Path | None, **given: Any) -> int:
    """Compare what is inside IMAGE with the advisory database, and say which findings matter here.

    IMAGE is a name (the engine's store, else its registry), docker://NAME, containers-storage:NAME,
    ./FILE or ./DIRECTORY, docker-archive:FILE[:REF], oci:DIR[:TAG], oci-archive:FILE, or sbom:FILE
    (CycloneDX, SPDX or Syft JSON). The database is made by `careen db update` or `careen db
    import`; only the registry of an image is asked over the network.

    \b
    careen scan my/service:1
    careen scan my/service:1 --rbom rbom.json --fail-on executed-critical -o sarif=findings.sarif
    careen scan my/service:1 -f json > findings.json
    careen scan my/service:1 --rbom rbom.json --from-report trivy.json
    """
    from careen.advisories.matching.location import default_database
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.findings.scan import ScanRequest, scan
    from careen.report.documents.scan import to_scan_json
    from careen.report.output_file import write_output
    from careen.report.scan.sentences import final_line
    from careen.report.scan.view import Listing, print_scan
    from careen.report.terminal_output.screen import open_console, shown

    project = settle.load_project(config_file)
    request = ScanRequest(
        subject=settle.image(image, project),
        database=given["db"] or project.findings.database or default_database(),
        rbom=given["rbom"],
        report=given["report"],
        judgement=settle.judgement(given, project),
        outputs=_outputs(given),
        template=given["template"],
    )
    with open_session(settle.settings(given, project), given) as run:
        done = scan(request, run)
    for path, data in done.documents.items():
        if path == STANDARD_OUTPUT:
            emit(data)
        else:
            write_output(path, data)
    printed = given["as_json"] or STANDARD_OUTPUT in done.documents
    if given["as_json"]:
        emit(to_scan_json(done.report))
    elif printed:
        pass
    elif given["quiet"]:
        click.echo(final_line(done.report))
    else:
        listing = Listing(
            everything=given["everything"], details=given["details"], suppressed=given["suppressed"]
        )
        print_scan(open_console(sys.stdout), done.report, listing)
    if printed or given["quiet"]:
        for sentence in done.report.crossed:
            click.echo(f"careen: threshold crossed: {shown(sentence)}", err=True)
    if done.failed:
        raise InputError("; ".join(done.failed))
    return CROSSED if done.report.crossed else 0


def _outputs(given: dict[str, Any]) -> tuple[Output, ...]:
    """Return the documents to make. Raises InputError."""
    # A table on standard output is printed anyway.
    outputs = tuple(
        each
        for each in parse_scan_outputs(given["outputs"], given["format_"])
        if each != Output("table", STANDARD_OUTPUT)
    )
    if given["as_json"] and any(output.path == STANDARD_OUTPUT for output in outputs):
        msg = "--json prints JSON alone: leave it out, or name a file for the other format"
        raise InputError(msg)
    return outputs
