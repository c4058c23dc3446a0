"""`careen plan`: make, print and write a plan."""

import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.help_sections import SectionedCommand
from careen.cli.options import adequacy_options, plan_options, run_options

DEFAULT = Path("plan.json")


@click.command(cls=SectionedCommand)
@click.argument("image", required=False)
@click.option(
    "--rbom",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The RBOM of this image.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the plan goes; default: plan.json.",
)
@plan_options
@adequacy_options
@run_options
def command(image: str | None, config_file: Path | None, **given: Any) -> int:
    """Decide from IMAGE and its RBOM what to keep and what to remove, each path with its reason.
    Changes nothing.
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.plan import PlanRequest, plan_image
    from careen.plan.store import write_plan
    from careen.report.output_file import check_output_file, write_output
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.plan import print_plan

    project = settle.load_project(config_file)
    request = PlanRequest(
        settle.image(image, project),
        given["rbom"],
        settle.choices(given, project),
        settle.proof(given, project),
    )
    target: Path = given["output"] or DEFAULT
    check_output_file(target)
    with open_session(settle.settings(given, project), given) as run:
        planned = plan_image(request, run)
    document = write_plan(planned.plan)
    write_output(target, document)
    if given["as_json"]:
        emit(document)
    elif given["quiet"]:
        click.echo(str(target))
    else:
        print_plan(
            open_console(sys.stdout),
            planned.plan,
            planned.kept,
            planned.removed,
            planned.symbols,
        )
        click.echo(f"written: {target}")
    return 0
