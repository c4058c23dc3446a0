"""`careen base build`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.bases.options import (
    catalogs_option,
    source_key_option,
    sources_option,
    variant_option,
    wheel_index_option,
)
from careen.cli.options import (
    database_option,
    destination_options,
    machine_options,
    print_options,
    reach_options,
)
from careen.model.catalog.entry import Variant

if TYPE_CHECKING:
    from careen.pipeline.catalog.build import BuildRequest


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
@click.option(
    "--from",
    "upstream",
    metavar="IMAGE",
    help="Cut the base from this image, patched, in place of building it from packages.",
)
@sources_option
@source_key_option
@wheel_index_option
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="With --from: a host in a private network that upgrades may be fetched from.",
)
@reach_options
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write SBOM, VEX, provenance, lock and findings here.",
)
@click.option(
    "--against",
    metavar="IMAGE",
    help="Check the drop-in contract with this upstream image before anything is promoted.",
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
    """Build NAME from signed package sources by the distribution's package manager, cut it to a
    variant, run the entry's tests, and only then tag it. An unproven entry needs --source. With
    --from, or if the entry names an upstream image, patch that image and keep what the tests and
    the drop-in contract need.

    \b
    careen base build debian:trixie -t my/debian:13
    careen base build python:3.13-debian-13 -t my/python:3.13 --write-lock python.lock
    careen base build python:3.13-debian-13 -t my/python:3.13-dev --variant dev
    careen base build debian:trixie -o oci:out --lock debian.lock --report-dir report
    careen base build debian:trixie --from acme/golden:13 -t my/golden:13 --report-dir report
    careen base build debian:trixie --from acme/golden:13 -t my/golden:13 --allow-major
    careen base build alpine:3.23 -t my/alpine --source https://mirror.example/main --source-key k
    """
    from careen.advisories.matching.location import default_database
    from careen.catalog.lock_file import written
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.catalog.build import BuildRequest, build_base
    from careen.pipeline.catalog.curate import upstream_of
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
        against=settle.image(given["against"], project) if given["against"] else "",
        wheel_index=given["wheel_index"] or "",
        upstream=settle.image(given["upstream"], project) if given["upstream"] else "",
        choices={
            "entry": name,
            "variant": given["variant"],
            "lock": given["lock"].name if given["lock"] else None,
        },
    )
    if upstream_of(request):
        return _curated(request, given)
    _refuse_reach(given)
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


def _refuse_reach(given: dict[str, Any]) -> None:
    from careen.errors import InputError

    reach = {"--upgrade": "upgrade", "--allow-major": "allow_major", "--policy": "policy"}
    option = next((option for option, key in reach.items() if given[key]), None)
    if option is not None:
        msg = (
            f"{option}: applies to a base that is cut from an image (--from); packages of a"
            " distribution come in the version that its sources offer"
        )
        raise InputError(msg)


def _curated(request: "BuildRequest", given: dict[str, Any]) -> int:
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.errors import InputError
    from careen.pipeline.catalog.curate import curate_base
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.curated import print_curated
    from careen.workload.configuration.project import ProjectConfig

    if given["against"] is not None:
        msg = "--against: a base that is cut from an image is compared with that image"
        raise InputError(msg)
    if given["write_lock"] is not None:
        msg = "--write-lock: a base that is cut from an image has no lock; name it by its digest"
        raise InputError(msg)
    project = ProjectConfig()
    keys = () if given["source_key"] is None else (given["source_key"],)
    patch = settle.patch_wishes({**given, "source_keys": keys}, project)
    with open_session(settle.settings(given, project), given) as run:
        built = curate_base(request, patch, run)
    if given["as_json"]:
        emit(to_json(built))
    elif given["quiet"]:
        click.echo(" ".join((*built.places, built.measure.digest)))
    else:
        print_curated(open_console(sys.stdout), built)
    return 0
