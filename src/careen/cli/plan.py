"""`careen plan`: make, print and write a plan."""

import sys
from contextlib import ExitStack
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
    from careen.pipeline.hardening.summary import reason_shares, symbol_totals
    from careen.pipeline.run.known_plans import known_plan
    from careen.pipeline.run.previous import with_previous
    from careen.pipeline.run.source import examine, open_source
    from careen.plan.store import write_plan
    from careen.rbom.store import load_rbom
    from careen.report.output_file import write_output
    from careen.report.plan_view import print_plan
    from careen.report.terminal_output.screen import open_console

    project = settle.load_project(config_file)
    name = settle.image(image, project)
    choices = settle.choices(given, project)
    bom = load_rbom(given["rbom"])
    choices = settle.at_recorded_adequacy(bom, choices, settle.proof(given, project))
    with open_session(settle.settings(given, project), given) as run, ExitStack() as open_images:
        with run.stage("inspect"):
            examined = examine(open_images.enter_context(open_source(name, run)), run)
        choices = with_previous(choices, run)
        with run.stage("plan"):
            plan = known_plan(examined, bom, choices, run)
            symbols = symbol_totals(plan, examined.rootfs)
            kept, removed = (
                reason_shares(plan.keep, examined.rootfs),
                reason_shares(plan.remove, examined.rootfs),
            )
    target: Path = given["output"] or DEFAULT
    document = write_plan(plan)
    write_output(target, document)
    if given["as_json"]:
        emit(document)
    elif given["quiet"]:
        click.echo(str(target))
    else:
        print_plan(open_console(sys.stdout), plan, kept, removed, symbols)
        click.echo(f"written: {target}")
    return 0
