"""`careen why`: the reason for one path."""

import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.options import load_project, run_options, settle_settings
from careen.cli.running import REPORTS, emit, open_session
from careen.errors import InputError
from careen.pipeline.why import Evidence, why
from careen.report.document import to_json
from careen.report.screen import open_console, signs_of
from careen.report.why_view import print_explanation, verdict_line


@click.command(short_help="Say why a path of the original is kept or removed.")
@click.argument("image")
@click.argument("path")
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Report directory of the harden run; default: the newest in careen-out/ that is of this image.",
)
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), help="A plan (of `careen plan`), instead of the report's; needs --rbom, too."
)
@click.option("--rbom", type=click.Path(path_type=Path, dir_okay=False), help="Its RBOM, instead of the report's.")
@run_options
def command(image: str, path: str, config_file: Path | None, **given: Any) -> int:
    """Say why PATH of the original IMAGE is kept or removed: by which evidence or rule, and who owns it."""
    project = load_project(config_file)
    candidates = _candidates(given, project.report_dir)
    with open_session(settle_settings(given, project), given) as run:
        explanation = why(image, path, candidates, run)
    if given["as_json"]:
        emit(to_json(explanation))
    elif given["quiet"]:
        click.echo(verdict_line(explanation, signs_of(open_console(sys.stdout))).plain)
    else:
        print_explanation(open_console(sys.stdout), explanation)
    return 0


def _candidates(given: dict[str, Any], configured: Path | None) -> tuple[Evidence, ...]:
    """Return where plan and RBOM may lie, most likely first. Raises InputError when there is nowhere to look."""
    named = given["report_dir"] or configured
    if given["plan_file"] is not None and given["rbom"] is None and named is None:
        msg = "--plan needs --rbom, too: name the RBOM that the plan was made from with --rbom FILE"
        raise InputError(msg)
    if given["plan_file"] is not None and given["rbom"] is not None:
        return (Evidence(given["plan_file"], given["rbom"]),)
    found = [named] if named is not None else [file.parent for file in sorted(REPORTS.glob("*/plan.json"), key=_age)]
    if not found:
        msg = f"no plan found in {REPORTS}/: run `careen harden` first, or name what `careen plan` wrote with --plan and its RBOM with --rbom"
        raise InputError(msg)
    return tuple(
        Evidence(given["plan_file"] or directory / "plan.json", given["rbom"] or directory / "rbom.json", directory / "index.json") for directory in found
    )


def _age(file: Path) -> float:
    return -file.stat().st_mtime
