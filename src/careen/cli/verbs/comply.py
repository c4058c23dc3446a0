"""`careen comply`: what an image shows of frameworks such as CIS, STIG and NIST."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.help_sections import SectionedCommand
from careen.cli.options import database_option, run_options
from careen.errors import InputError

if TYPE_CHECKING:
    from careen.evidence.compliance.stig_benchmark import StigBenchmark
    from careen.pipeline.comply import Complied

FAILED, NOT_ALL = 2, 1


@click.command(cls=SectionedCommand)
@click.argument("images", nargs=-1, metavar="IMAGE...")
@click.option(
    "--framework",
    "frameworks",
    multiple=True,
    metavar="NAME,…",
    help="Frameworks by name, or own ones as FILE.toml; default: cis-docker (docs/compliance.md).",
)
@click.option(
    "--list", "listed", is_flag=True, help="List all checks and frameworks, and do nothing else."
)
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the documents go, a folder for each image; default: none are written.",
)
@click.option(
    "--rbom",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The RBOM of the one image: what its workload used.",
)
@click.option(
    "--stig-benchmark",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="DISA's manual benchmark (…-xccdf.xml): its V- and SV-numbers go into the checklist.",
)
@click.option(
    "--fedramp-service",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Your service for FedRAMP's reports: class, package, decisions (docs/fedramp.md).",
)
@click.option(
    "--ignore-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Accepted findings, and places that are no secrets; default: .careenignore here, if there"
    " is one.",
)
@database_option
@click.option(
    "--oscap",
    default="off",
    metavar="auto|off|FILE",
    help=(
        "Ask OpenSCAP, too, with its content for the image's release (auto) or with this data"
        " stream; default: off. Needs root."
    ),
)
@click.option(
    "--fips-certificates",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A list of FIPS certificates in the place of careen's.",
)
@click.option("--details", is_flag=True, help="Print all items, not only those that failed.")
@click.option(
    "--fail-on",
    type=click.Choice(["fail"]),
    help="End with status 2 if an item fails; default: end with 0.",
)
@run_options
def command(images: tuple[str, ...], config_file: Path | None, **given: Any) -> int:
    """Check IMAGE against frameworks, and say for each item what the image shows: pass, fail, not
    applicable, not evaluable, inherited from the platform, or for a person to judge.

    Nothing of the image is run. There is no verdict of a whole framework: an image shows only its
    own side.

    \b
    careen comply my/service:1 --framework cis-docker,cis-linux,stig-gpos --report-dir compliance
    careen comply my/service:1 --framework cis-docker,house-rules.toml --fail-on fail
    careen comply my/service:1 my/service:2 --framework stig-gpos --json
    careen comply my/service:1 --framework fips --rbom rbom.json --report-dir compliance
    careen comply --list
    """
    from careen.advisories.matching.location import default_database
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.evidence.compliance.stig_benchmark import read_stig_benchmark
    from careen.pipeline.assessing.fedramp import FedrampWish
    from careen.pipeline.comply import ComplyRequest, comply, fails
    from careen.report.documents.compliance_folder import check_folder
    from careen.report.documents.comply import comply_json
    from careen.report.terminal_output.screen import open_console, shown
    from careen.report.views.comply import final_line, print_compliance

    if given["listed"]:
        return _list(as_json=given["as_json"])
    if given["report_dir"] is not None:
        check_folder(given["report_dir"])
    numbers = None
    if given["stig_benchmark"] is not None:
        numbers = read_stig_benchmark(given["stig_benchmark"])
    project = settle.load_project(config_file)
    named = images or (None,)
    if given["rbom"] is not None and len(named) > 1:
        msg = "--rbom: is of one image, and several are named; assess them one by one"
        raise InputError(msg)
    request = ComplyRequest(
        images=tuple(settle.image(name, project) for name in named),
        frameworks=_names(given["frameworks"]),
        database=given["db"] or project.findings.database or default_database(),
        rbom=given["rbom"],
        oscap=given["oscap"],
        judgement=settle.exceptions(given, project),
        fedramp=FedrampWish(
            given["fedramp_service"],
            given["report_dir"] if len(named) == 1 else None,
            several=len(named) > 1,
        ),
        certificates=given["fips_certificates"],
        numbers=numbers,
    )
    with open_session(settle.settings(given, project), given) as run:
        done = comply(request, run)
    found = done.compliance
    # First: the reader of a pipe may leave before all is printed.
    wrote = (
        ()
        if given["report_dir"] is None
        else _write(done, given["report_dir"], numbers, several=len(named) > 1)
    )
    if given["as_json"]:
        emit(comply_json(found))
    elif given["quiet"]:
        click.echo(final_line(found))
    else:
        print_compliance(open_console(sys.stdout), found, details=given["details"])
        for line in wrote:
            click.echo(line)
    for line in done.unread.values():
        click.echo(f"careen: {shown(line)}", err=True)
    if done.unread:
        return NOT_ALL
    return FAILED if given["fail_on"] and fails(found) else 0


def _list(*, as_json: bool) -> int:
    """Print the catalogue."""
    import datetime as dt

    from careen.cli.running import emit
    from careen.compliance.catalogue import catalogue
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.compliance_catalogue import print_catalogue

    listed = catalogue(dt.datetime.now(dt.UTC).date())
    if as_json:
        emit(to_json(listed))
    else:
        print_catalogue(open_console(sys.stdout), listed)
    return 0


def _write(
    done: "Complied", directory: Path, numbers: "StigBenchmark | None", *, several: bool
) -> tuple[str, ...]:
    """Write the documents of each image, and return where they are."""
    from careen.pipeline.assessing.document_names import folders_about, names_in
    from careen.pipeline.assessing.documents import documents_of
    from careen.report.directory import clear_report
    from careen.report.documents.compliance_folder import folders_of, write_documents
    from careen.report.terminal_output.screen import shown

    lines: list[str] = []
    assessments = done.compliance.assessments
    folders = folders_of(assessments, directory, several=several)
    for assessment, others, folder in zip(assessments, done.written, folders, strict=True):
        clear_report(folder, names_in(folder, assessment))
        written = write_documents(folder, {**documents_of(assessment, numbers), **others})
        lines.append(shown(f"written: {len(written)} documents in {folder}"))
    # Those of an earlier run would pass for this one's.
    for folder in folders_about(done.unread, directory):
        if folder not in folders:
            clear_report(folder, names_in(folder))
            lines.append(shown(f"removed: the documents of an earlier run in {folder}"))
    return tuple(lines)


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of frameworks, split at commas. Raises InputError if there is none."""
    names = tuple(name.strip() for text in given for name in text.split(",") if name.strip())
    if given and not names:
        msg = "--framework: names no framework; leave it out for cis-docker"
        raise InputError(msg)
    return names or ("cis-docker",)
