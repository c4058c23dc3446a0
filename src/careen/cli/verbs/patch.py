"""`careen patch`: upgrade vulnerable packages with the image's own package managers."""

import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.options import (
    ContainerCommand,
    attach_option,
    database_option,
    destination_options,
    gate_options,
    patch_options,
    run_options,
    workload_options,
)
from careen.cli.renamed import Renamed


@click.command(cls=ContainerCommand)
@click.argument("image", required=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@destination_options
@attach_option
@patch_options
@click.option(
    "--dry-run",
    "plan_only",
    cls=Renamed,
    old=("--plan",),
    is_flag=True,
    help="Say what would be upgraded and what not, and why; change nothing.",
)
@click.option(
    "--squash",
    is_flag=True,
    help="Make one layer of the result, in place of the original's layers and one more.",
)
@click.option(
    "--exit-code-on-noop",
    "noop",
    type=click.IntRange(0, 255),
    default=0,
    metavar="N",
    help="Exit status when there is nothing to patch; default 0.",
)
@workload_options
@database_option
@gate_options
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the report goes; default: careen-out/NAME.",
)
@run_options
def command(image: str | None, config_file: Path | None, **given: Any) -> int:
    """Upgrade what is vulnerable in IMAGE with its own package managers, read the versions back,
    and only then give the result its tag.

    With tests (--test, --exec, careen.toml) the patched image has to pass them: upgrades that break
    them are found and left out, alone.

    \b
    careen patch my/service:1 --dry-run
    careen patch my/service:1 -t my/service:1-patched --test 'pytest -q tests/smoke'
    """
    from careen.advisories.matching.location import default_database
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.patch import PatchRequest, patch
    from careen.report.documents.patch import patch_json
    from careen.report.patch.view import final_line, print_patch
    from careen.report.terminal_output.screen import open_console

    project = settle.load_project(config_file)
    name = settle.image(image, project)
    destination = settle.destination(given, project)
    request = PatchRequest(
        image=name,
        wishes=settle.patch_wishes(given, project),
        workloads=settle.workloads(given, project)
        if project.workloads or settle.described_by(given)
        else (),
        destination=destination,
        report_directory=settle.report_directory(given, project, destination, name),
        database=settle.database(given, project) or default_database(),
        judgement=settle.judgement(given, project),
        noop=given["noop"],
        plan_only=given["plan_only"],
    )
    with open_session(settle.settings(given, project), given) as run:
        result = patch(request, run)
    if given["as_json"]:
        emit(patch_json(result))
    elif given["quiet"]:
        click.echo(final_line(result))
    else:
        print_patch(open_console(sys.stdout), result)
    return given["noop"] if not result.image and not request.plan_only else 0
