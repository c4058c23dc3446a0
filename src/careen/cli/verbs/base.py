"""`careen base`: base images from the catalog."""

import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.options import database_option, destination_options, machine_options, print_options
from careen.cli.unknown_verb import VerbsBelow
from careen.model.catalog.entry import Variant

BROKEN = 3

_catalogs = click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="More entries (TOML, docs/catalog.md).",
)
_variant = click.option(
    "--variant",
    type=click.Choice([each.value for each in Variant]),
    default=Variant.RUNTIME.value,
    show_default=True,
    help="runtime: no shell, not root; compat: as upstream; dev: runtime and build tools on top.",
)


@click.group(cls=VerbsBelow)
def command() -> None:
    """Build base images from the catalog, and prove that they drop in.

    \b
    careen base list
    careen base show python:3.13-debian-13
    careen base build python:3.13-debian-13 -t my/python:3.13
    """


@command.command("list", short_help="List the entries of the catalog.")
@_catalogs
@print_options
def list_(catalogs: tuple[Path, ...], *, quiet: bool, as_json: bool) -> int:
    """List the entries, with figures of those that you built here.

    \b
    careen base list
    """
    from careen.cli.running import emit
    from careen.pipeline.catalog.listing import list_bases
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.base import print_list

    rows = list_bases(catalogs)
    if as_json:
        emit(to_json(rows))
    elif quiet:
        for row in rows:
            click.echo(row.name)
    else:
        print_list(open_console(sys.stdout), rows)
    return 0


@command.command("show", short_help="Print one entry with all that it inherits.")
@click.argument("name")
@_catalogs
@print_options
def show(name: str, catalogs: tuple[Path, ...], *, quiet: bool, as_json: bool) -> int:
    """Print what NAME is made of, its variants and its support; figures only of what was built
    here.

    \b
    careen base show debian:trixie
    """
    from careen.cli.running import emit
    from careen.pipeline.catalog.listing import show_base
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.base import print_entry

    found = show_base(name, catalogs)
    if as_json:
        emit(to_json(found))
    elif quiet:
        click.echo(found.row.title)
    else:
        print_entry(open_console(sys.stdout), found)
    return 0


@command.command("build", short_help="Build an entry from the distribution's packages.")
@click.argument("name")
@_variant
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
    "--source",
    "sources",
    multiple=True,
    metavar="LINE",
    help="Package source ('deb URI SUITE COMPONENT…'); default: those of this machine's apt.",
)
@click.option(
    "--source-key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="OpenPGP keys that sign the sources of --source.",
)
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write SBOM, VEX, provenance, lock and findings here.",
)
@click.option("--no-test", is_flag=True, help="Do not run the entry's tests in a container.")
@click.option(
    "--no-fixable",
    is_flag=True,
    help="End with status 2, before anything is promoted, if a finding has a fix.",
)
@database_option
@_catalogs
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


@command.command("verify", short_help="Check that an image drops in for its upstream.")
@click.argument("image")
@click.option("--against", required=True, metavar="IMAGE", help="The upstream image.")
@click.option(
    "--variant",
    type=click.Choice([each.value for each in Variant]),
    help="What the image should be; default: what its label says, else compat.",
)
@click.option("--no-run", is_flag=True, help="Compare files and configuration alone.")
@machine_options
@print_options
def verify(image: str, against: str, **given: Any) -> int:
    """Compare IMAGE with its upstream, item by item of the drop-in contract, by files and by probes
    in containers of both. Exit 3 if an item is broken.

    \b
    careen base verify my/debian:13 --against debian:13
    careen base verify my/debian:13 --against debian:13 --variant compat --json
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.catalog.verify import VerifyRequest, verify_base
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.base import print_contract
    from careen.workload.configuration.project import ProjectConfig

    project = ProjectConfig()
    request = VerifyRequest(
        image=settle.image(image, project),
        against=settle.image(against, project),
        variant=Variant(given["variant"]) if given["variant"] else None,
        running=not given["no_run"],
    )
    with open_session(settle.settings(given, project), given) as run:
        found = verify_base(request, run)
    if given["as_json"]:
        emit(to_json(found))
    elif given["quiet"]:
        click.echo("broken" if found.broken else "holds")
    else:
        print_contract(open_console(sys.stdout), found)
    return BROKEN if found.broken else 0


@command.command("diff", short_help="Show what differs between two bases.")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@machine_options
@print_options
def diff(before: str, after: str, **given: Any) -> int:
    """Show what differs between images A and B: size, layers that both share, packages, users,
    configuration. `careen diff` also lists files.

    \b
    careen base diff my/python:3.13 my/python:3.13-dev
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.catalog.diff import diff_bases
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.base_diff import print_base_diff
    from careen.workload.configuration.project import ProjectConfig

    project = ProjectConfig()
    with open_session(settle.settings(given, project), given) as run:
        found = diff_bases(settle.image(before, project), settle.image(after, project), run)
    if given["as_json"]:
        emit(to_json(found))
    elif given["quiet"]:
        click.echo("same" if found.same else "different")
    else:
        print_base_diff(open_console(sys.stdout), found)
    return 0


@command.command("migrate", short_help="Move a Dockerfile to bases of the catalog.")
@click.argument("dockerfile", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--repository",
    default="bases",
    show_default=True,
    metavar="NAME",
    help="Where your bases are: FROM NAME/ENTRY.",
)
@click.option(
    "--build-arg",
    "arguments",
    multiple=True,
    metavar="NAME=VALUE",
    help="As docker build; values of variables in FROM.",
)
@click.option(
    "--rbom",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The RBOM of the image: programs that it ran and `runtime` lacks count as needs.",
)
@click.option("--write", is_flag=True, help="Write the file; default: print the patch.")
@click.option(
    "--build",
    "proving",
    is_flag=True,
    help="Build the old and the new file with docker, and run --test on both images.",
)
@click.option("--test", metavar="CMD", help="Shell command that tests $CAREEN_IMAGE, with --build.")
@click.option(
    "--context",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Build context; default: the directory of the file.",
)
@_catalogs
@machine_options
@print_options
def migrate(dockerfile: Path, **given: Any) -> int:
    """Propose a base of the catalog for each stage of DOCKERFILE, say which steps need more than
    `runtime`, and print the patch of its FROM lines.

    \b
    careen base migrate Dockerfile
    careen base migrate Dockerfile -q | patch -p1
    careen base migrate Dockerfile --build --test 'docker run --rm $CAREEN_IMAGE --version' --write
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.errors import InputError
    from careen.pipeline.catalog.migrate import MigrateRequest, migrate
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.migration import print_migration
    from careen.workload.configuration.project import ProjectConfig

    if given["proving"] != (given["test"] is not None):
        msg = "--build and --test belong together: give both, or neither"
        raise InputError(msg)
    pairs = [text.partition("=") for text in given["arguments"]]
    for name, equals, _ in pairs:
        if not name or not equals:
            msg = f"--build-arg {name}{equals}: expected NAME=VALUE"
            raise InputError(msg)
    request = MigrateRequest(
        path=dockerfile,
        repository=given["repository"],
        arguments={name: value for name, _, value in pairs},
        catalogs=given["catalogs"],
        write=given["write"],
        test=given["test"],
        context=given["context"],
        rbom=given["rbom"],
    )
    with open_session(settle.settings(given, ProjectConfig()), given) as run:
        found = migrate(request, run)
    if given["as_json"]:
        emit(to_json(found))
    elif given["quiet"]:
        click.echo(found.patch, nl=False)
    else:
        print_migration(open_console(sys.stdout), found, written=given["write"])
    return 0
