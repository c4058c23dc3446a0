"""`careen doctor`: report what works on this machine, and how to get the rest."""

import sys
from pathlib import Path

import click


@click.command
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else."
)
@click.option(
    "-q",
    "--quiet",
    is_flag=True,
    help="Print only what needs action, one line each; nothing when all is well.",
)
@click.option(
    "--work-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="The work directory to look at; default: as for other verbs.",
)
def command(*, as_json: bool, quiet: bool, work_dir: Path | None) -> int:
    """Check sensors, engines, tools and advisories of this machine; exit 1 when no image could be
    hardened here. Cleans up after runs that were killed.
    """
    from careen.advisories.matching.location import default_database
    from careen.pipeline.doctor import examine_machine
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.doctor import print_doctor, problem_lines
    from careen.tools.workspace import default_root

    rows, able = examine_machine((work_dir or default_root()).absolute(), default_database())
    if as_json:
        sys.stdout.buffer.write(to_json(rows))
    elif quiet:
        for line in problem_lines(rows):
            click.echo(line)
    else:
        print_doctor(open_console(sys.stdout), rows)
    return 0 if able else 1
