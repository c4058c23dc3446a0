"""`careen ignore`: propose exceptions with careen's evidence, and prune a list of them."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.options import database_option, run_options
from careen.cli.report_files import rboms_of
from careen.errors import InputError
from careen.model.findings.identifiers import is_vulnerability

if TYPE_CHECKING:
    from careen.model.findings.exceptions import IgnoreProposal, IgnorePruning
    from careen.workload.configuration.project import ProjectConfig


@click.command
@click.argument("image")
@click.argument("vulnerability", required=False)
@click.option(
    "--review-by",
    metavar="DATE",
    help="The day by which the exception must be reviewed; default: in 90 days.",
)
@click.option(
    "--reason",
    metavar="TEXT",
    help="Your own reason, before careen's evidence; required for what runs and is exploited.",
)
@click.option(
    "--prune",
    is_flag=True,
    help="Instead: say which entries of the list IMAGE needs no longer, and why.",
)
@click.option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the result into this list, in its own shape; without it the result is printed.",
)
@click.option(
    "--ignore-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The list to read; default: that of --write, else .careenignore here, if there is one.",
)
@click.option(
    "--rbom",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The RBOM of this image, for the evidence; default: that of its newest report.",
)
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Report directory with that RBOM.",
)
@click.option(
    "--vex",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="VEX documents to apply first.",
)
@database_option
@run_options
def command(image: str, vulnerability: str | None, config_file: Path | None, **given: Any) -> int:
    """Propose an entry that excuses a VULNERABILITY of IMAGE, with careen's evidence as its reason;
    or, with --prune, say which entries of a list IMAGE needs no longer.

    IMAGE is as for `careen scan`. The list is .careenignore, .trivyignore, .trivyignore.yaml,
    .grype.yaml, or a plain list in JSON or YAML. Nothing is written without --write.

    \b
    careen ignore my/service:1 CVE-2025-32434 --review-by 2027-03-01
    careen ignore my/service:1 CVE-2025-32434 --write .careenignore
    careen ignore my/service:1 --prune --write .trivyignore.yaml
    """
    from careen.cli import settle

    project = settle.load_project(config_file)
    subject = settle.image(image, project)
    _check(vulnerability, given)
    if vulnerability is None:
        _print_pruning(_pruned(subject, given, project), given)
    else:
        _print_proposal(_proposed(subject, vulnerability, given, project), given)
    return 0


def _check(vulnerability: str | None, given: dict[str, Any]) -> None:
    """Refuse options that do not go together. Raises InputError."""
    if given["prune"] == (vulnerability is not None):
        msg = "name a vulnerability to excuse (CVE-…), or give --prune: one of them"
        raise InputError(msg)
    if vulnerability is not None and not is_vulnerability(vulnerability):
        msg = f"{vulnerability!r} is not the identifier of a vulnerability, like CVE-2025-32434"
        raise InputError(msg)
    needless = ("review_by", "reason", "rbom", "report_dir", "vex")
    extra = next((name for name in needless if given["prune"] and given[name]), None)
    if extra is not None:
        msg = f"--{extra.replace('_', '-')} is for a proposal, not for --prune"
        raise InputError(msg)
    one, other = given["write"], given["ignore_file"]
    if one is not None and other is not None and one.absolute() != other.absolute():
        msg = "--write and --ignore-file name two lists: name one"
        raise InputError(msg)


def _proposed(
    subject: str, vulnerability: str, given: dict[str, Any], project: "ProjectConfig"
) -> "IgnoreProposal":
    from careen.advisories.matching.location import default_database
    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.pipeline.ignore.propose import ProposalRequest, propose_exceptions

    rboms, must_fit = rboms_of(given, project)
    request = ProposalRequest(
        subject,
        vulnerability,
        given["db"] or project.findings.database or default_database(),
        rboms,
        must_fit,
        given["write"] or settle.judgement(given, project).ignore_file,
        given["write"] is not None,
        (*project.findings.vex, *given["vex"]),
        _day(given["review_by"]),
        given["reason"] or "",
    )
    with open_session(settle.settings(given, project), given) as run:
        return propose_exceptions(request, run)


def _pruned(subject: str, given: dict[str, Any], project: "ProjectConfig") -> "IgnorePruning":
    from careen.advisories.matching.location import default_database
    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.pipeline.ignore.prune import PruneRequest, prune

    target = given["write"] or settle.judgement(given, project).ignore_file
    if target is None:
        msg = "no list to prune: there is no .careenignore here; name one with --ignore-file"
        raise InputError(msg)
    request = PruneRequest(
        subject,
        given["db"] or project.findings.database or default_database(),
        target,
        given["write"] is not None,
    )
    with open_session(settle.settings(given, project), given) as run:
        return prune(request, run)


def _day(text: str | None) -> dt.date | None:
    """Return the day of --review-by. Raises InputError."""
    if text is None:
        return None
    from careen.triage.ignore.rule import day

    return day(text, "DATE", "--review-by")


def _print_proposal(done: "IgnoreProposal", given: dict[str, Any]) -> None:
    from careen.cli.running import emit
    from careen.report.documents.document import to_json
    from careen.report.views.ignore import proposal_lines

    if given["as_json"]:
        emit(to_json(done))
        return
    _echo(done.text.rstrip("\n").split("\n") if done.text else [])
    if not given["quiet"]:
        _echo(proposal_lines(done), err=True)


def _print_pruning(done: "IgnorePruning", given: dict[str, Any]) -> None:
    from careen.cli.running import emit
    from careen.report.documents.document import to_json
    from careen.report.views.ignore import pruning_line, pruning_lines

    if given["as_json"]:
        emit(to_json(done))
    elif given["quiet"]:
        _echo([pruning_line(done)])
    else:
        _echo(pruning_lines(done))


def _echo(lines: list[str], *, err: bool = False) -> None:
    from careen.report.terminal_output.screen import shown

    for line in lines:
        click.echo(shown(line), err=err)
