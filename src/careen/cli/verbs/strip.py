"""`careen strip`: apply a plan."""

from pathlib import Path
from typing import Any

import click

from careen.cli.help_sections import SectionedCommand
from careen.cli.options import (
    adequacy_options,
    destination_options,
    layer_options,
    plan_options,
    run_options,
)
from careen.errors import InputError


@click.command(cls=SectionedCommand)
@click.argument("image", required=False)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The plan to apply.",
)
@click.option(
    "--rbom", type=click.Path(path_type=Path, dir_okay=False), help="Or the RBOM to plan from."
)
@destination_options
@layer_options
@plan_options
@adequacy_options
@run_options
def command(image: str | None, config_file: Path | None, **given: Any) -> int:
    """Apply a plan to IMAGE: the removed content is gone from the bytes, package databases stay
    true.

    The result is checked against the plan and by a validator, but no workload is run: `careen
    harden` does that too.
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.strip import ApplyRequest, apply
    from careen.plan.store import load_plan
    from careen.rbom.store import load_rbom
    from careen.report.documents.document import to_json

    project = settle.load_project(config_file)
    if (given["plan_file"] is None) == (given["rbom"] is None):
        msg = "give either --plan FILE, or --rbom FILE to plan from"
        raise InputError(msg)
    if given["plan_file"] is not None and (option := settle.given_choices(given)) is not None:
        msg = (
            f"{option}: cannot change an existing plan; make another with `careen"
            f" plan {option} …`, or give --rbom instead of --plan"
        )
        raise InputError(msg)
    bom = load_rbom(given["rbom"]) if given["rbom"] else None
    choices, proof = settle.choices(given, project), settle.proof(given, project)
    if bom is None and proof.minimum is not None:
        msg = "--min-adequacy: cannot change an existing plan; give --rbom instead of --plan"
        raise InputError(msg)
    request = ApplyRequest(
        image=settle.image(image, project),
        destination=settle.destination(given, project),
        plan=load_plan(given["plan_file"]) if given["plan_file"] else None,
        bom=bom,
        choices=settle.at_recorded_adequacy(bom, choices, proof) if bom is not None else choices,
    )
    with open_session(settle.settings(given, project), given) as run:
        applied = apply(request, run)
    if given["as_json"]:
        emit(to_json(applied))
    elif given["quiet"]:
        click.echo(" ".join((*applied.places, applied.result.digest)))
    else:
        before, after = applied.original.size_bytes, applied.result.size_bytes
        click.echo(f"{', '.join(applied.places)}  {applied.result.digest}")
        click.echo(
            f"{before:,} -> {after:,} bytes, {applied.original.files:,} -> {applied.result.files:,}"
            " files; no test was run"
        )
    return 0
