"""`careen base build`."""

import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.bases.options import (
    catalogs_option,
    source_key_option,
    sources_option,
    variant_option,
)
from careen.cli.options import database_option, destination_options, machine_options, print_options
from careen.model.catalog.entry import Variant


@click.command("build", short_help="Build an entry from the distribution's packages.")
@click.argument("name")
@variant_option
@destination_options
@click.option(
    "--lock",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Install exactly the versions of this lock; the same lock gives the same digest.",
)
@click.option(
    "--write-lock",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the lock of this build.",
)
@sources_option
@source_key_option
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write SBOM, VEX, provenance, lock and findings here.",
)
@click.option("--no-test", is_flag=True, help="Do not run the entry's tests in a container.")
@click.option(
    "--no-fixable",
    is_flag=True,
    help="End with status 2, before anything is promoted, if a finding has a fix or a package has"
    " no feed.",
)
@database_option
@catalogs_option
@machine_options
@print_options
def build(name: str, **given: Any) -> int:
    """Build NAME with mmdebstrap from signed package sources, cut it to a variant, run the entry's
    tests, and only then tag it.

    \b
    careen base build debian:trixie -t my/debian:13
    careen base build python:3.13-debian-13 -t my/python:3.13 --write-lock python.lock
    careen base build python:3.13-debian-13 -t my/python:3.13-dev --variant dev
    careen base build debian:trixie -o oci:out --lock debian.lock --report-dir report
    """
    from careen.advisories.matching.location import default_database
    from careen.catalog.lock_file import written
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.catalog.build import BuildRequest, build_base
    from careen.report.documents.document import to_json
    from careen.report.output_file import check_output_file, write_output
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.base import print_built
    from careen.workload.configuration.project import ProjectConfig

    project = ProjectConfig()
    if given["write_lock"] is not None:
        check_output_file(given["write_lock"])
    request = BuildRequest(
        name=name,
        variant=Variant(given["variant"]),
        destination=settle.destination(given, project),
        database=given["db"] or default_database(),
        catalogs=given["catalogs"],
        sources=given["sources"],
        keyring=given["source_key"],
        lock=given["lock"],
        report=given["report_dir"],
        untested=given["no_test"],
        unfixed_only=given["no_fixable"],
        choices={
            "entry": name,
            "variant": given["variant"],
            "lock": str(given["lock"]) if given["lock"] else None,
        },
    )
    with open_session(settle.settings(given, project), given) as run:
        built = build_base(request, run)
    if given["write_lock"] is not None:
        write_output(given["write_lock"], written(built.lock))
    if given["as_json"]:
        emit(to_json(built))
    elif given["quiet"]:
        click.echo(" ".join((*built.places, built.measure.digest)))
    else:
        print_built(open_console(sys.stdout), built)
    return 0
