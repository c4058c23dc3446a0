"""`careen why`: explain a path, a package or a vulnerability."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.options import database_option, report_option, run_options
from careen.cli.report_files import age, in_reports, planned_reports, rboms_of
from careen.errors import InputError
from careen.model.explanation import Explanation
from careen.model.findings.identifiers import is_vulnerability
from careen.model.packages.package_explanation import PackagesExplained

if TYPE_CHECKING:
    from careen.pipeline.why.evidence import Evidence
    from careen.workload.configuration.project import ProjectConfig


@click.command
@click.argument("image")
@click.argument("what", metavar="PATH|PACKAGE|VULNERABILITY")
@report_option
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A plan (of `careen plan`), instead of the report's; needs --rbom, too.",
)
@click.option(
    "--rbom",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Its RBOM, instead of the report's.",
)
@database_option
@click.option(
    "--vex",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="For a vulnerability: VEX documents to apply.",
)
@run_options
def command(image: str, what: str, config_file: Path | None, **given: Any) -> int:
    """Say why a PATH of IMAGE is kept or removed, by which evidence or rule; what stays of a
    PACKAGE, and for whom; or all that is known about a VULNERABILITY.

    IMAGE is the original, or what a run that left its report made of it. A PACKAGE is a name,
    KIND:NAME or a purl.

    \b
    careen why my/service:1 /usr/bin/gcc
    careen why my/service:1 pypi:numpy
    careen why my/service:1 CVE-2025-32434
    """
    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.pipeline.why.package import names_package, why_package
    from careen.pipeline.why.path import why

    project = settle.load_project(config_file)
    image = settle.image(image, project)
    if is_vulnerability(what):
        return _vulnerability(image, what, given, project)
    candidates = _candidates(given, project.report_dir)
    package = names_package(what)
    with open_session(settle.settings(given, project), given) as run:
        found = (
            why_package(image, what, candidates, run)
            if package
            else why(image, what, candidates, run)
        )
    _print(found, given)
    return 0


def _print(found: Explanation | PackagesExplained, given: dict[str, Any]) -> None:
    from careen.cli.running import emit
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console, signs_of
    from careen.report.views.package import package_line, print_packages
    from careen.report.views.why import print_explanation, verdict_line

    console = open_console(sys.stdout)
    if given["as_json"]:
        emit(to_json(found))
    elif isinstance(found, Explanation):
        if given["quiet"]:
            click.echo(verdict_line(found, signs_of(console)).plain)
        else:
            print_explanation(console, found)
    elif given["quiet"]:
        for each in found.packages:
            click.echo(package_line(each, signs_of(console)).plain)
    else:
        print_packages(console, found)


def _vulnerability(
    image: str, identifier: str, given: dict[str, Any], project: "ProjectConfig"
) -> int:
    """Explain a vulnerability from the database and, if there is one, the image's RBOM."""
    from careen.advisories.matching.location import default_database
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.why.finding import FindingQuestion, why_finding
    from careen.report.documents.document import to_json
    from careen.report.scan.finding_view import answer_line, print_finding
    from careen.report.terminal_output.screen import open_console, signs_of

    rboms, must_fit = rboms_of(given, project)
    question = FindingQuestion(
        subject=image,
        identifier=identifier,
        database=given["db"] or project.findings.database or default_database(),
        rboms=rboms,
        judgement=settle.judgement(given, project),
        must_fit=must_fit,
        patch_plans=_patch_plans(given["report_dir"] or project.report_dir),
    )
    with open_session(settle.settings(given, project), given) as run:
        explanation = why_finding(question, run)
    console = open_console(sys.stdout)
    if given["as_json"]:
        emit(to_json(explanation))
    elif given["quiet"]:
        click.echo(answer_line(explanation, signs_of(console)).plain)
    else:
        print_finding(console, explanation)
    return 0 if explanation.known else 1


def _patch_plans(directory: Path | None) -> tuple[Path, ...]:
    """Return files that may contain patch plans, newest first."""
    files = [directory / "plan.json"] if directory is not None else in_reports("plan.json")
    return tuple(sorted((file for file in files if file.is_file()), key=age))


def _candidates(given: dict[str, Any], configured: Path | None) -> "tuple[Evidence, ...]":
    """Return where plan and RBOM may be, most likely first.

    Raises InputError if there is no place to look.
    """
    from careen.cli import settle
    from careen.pipeline.why.evidence import Evidence

    named = given["report_dir"] or configured
    if given["plan_file"] is not None and given["rbom"] is None and named is None:
        msg = "--plan needs --rbom, too: name the RBOM that the plan was made from with --rbom FILE"
        raise InputError(msg)
    if given["plan_file"] is not None and given["rbom"] is not None:
        return (Evidence(given["plan_file"], given["rbom"]),)
    found = [named] if named is not None else planned_reports()
    if not found:
        msg = (
            f"no plan found in {settle.REPORTS}/: run `careen harden` first, name the folder of an"
            " earlier run with --report-dir, or what `careen plan` wrote with --plan and its RBOM"
            " with --rbom"
        )
        raise InputError(msg)
    return tuple(
        Evidence(
            given["plan_file"] or _document(directory, "plan.json"),
            given["rbom"] or _document(directory, "rbom.json"),
            directory / "index.json",
        )
        for directory in found
    )


def _document(directory: Path, name: str) -> Path:
    """Return a file of a report. Raises InputError for a pipe, which would be read for ever."""
    path = directory / name
    if path.exists() and not path.is_file():
        msg = f"{str(path)!r}: not a file; name the directory of a whole run"
        raise InputError(msg)
    return path
