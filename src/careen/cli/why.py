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
from careen.report.screen import open_console
from careen.report.why_view import print_explanation


@click.command()
@click.argument("image")
@click.argument("path")
@click.option(
    "--report-dir", type=click.Path(path_type=Path, file_okay=False), help="Report directory of the harden run; default: the newest in careen-out/ that fits."
)
@click.option("--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), help="A plan, instead of the report's.")
@click.option("--rbom", type=click.Path(path_type=Path, dir_okay=False), help="Its RBOM, instead of the report's.")
@run_options
def command(image: str, path: str, config_file: Path | None, **given: Any) -> int:
    """Say why PATH of the original IMAGE is kept or removed: by which evidence or rule, and who owns it."""
    project = load_project(config_file)
    evidence = _evidence(given, project.report_dir)
    with open_session(settle_settings(given, project), given) as run:
        explanation = why(image, path, evidence, run)
    if given["as_json"]:
        emit(to_json(explanation))
    else:
        print_explanation(open_console(sys.stdout), explanation)
    return 0


def _evidence(given: dict[str, Any], configured: Path | None) -> Evidence:
    directory = given["report_dir"] or configured or _newest(needed=given["plan_file"] is None or given["rbom"] is None)
    return Evidence(given["plan_file"] or directory / "plan.json", given["rbom"] or directory / "rbom.json")


def _newest(*, needed: bool) -> Path:
    found = sorted(REPORTS.glob("*/plan.json"), key=lambda file: file.stat().st_mtime)
    if not found and needed:
        msg = f"no plan found in {REPORTS}/: run `careen harden` or `careen plan` first, or name one with --plan and --rbom (or --report-dir)"
        raise InputError(msg)
    return found[-1].parent if found else REPORTS
