"""`careen base verify` and `diff`."""

import sys
from typing import Any

import click

from careen.cli.bases.options import BROKEN, catalogs_option
from careen.cli.options import machine_options, print_options
from careen.model.catalog.entry import Variant


@click.command("verify", short_help="Check that an image drops in for its upstream.")
@click.argument("image")
@click.option("--against", required=True, metavar="IMAGE", help="The upstream image.")
@click.option(
    "--variant",
    type=click.Choice([each.value for each in Variant]),
    help="What the image should be; default: what its label says, else compat.",
)
@click.option("--no-run", is_flag=True, help="Compare files and configuration alone.")
@catalogs_option
@machine_options
@print_options
def verify(image: str, against: str, **given: Any) -> int:
    """Compare IMAGE with its upstream, item by item of the drop-in contract, by files and by probes
    in containers of both. Exit 3 if an item is broken.

    \b
    careen base verify my/debian:13 --against debian:13
    careen base verify my/debian:13 --against debian:13 --variant compat --json
    careen base verify my/psql:17 --against postgres:17 --catalog own.toml
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
        catalogs=given["catalogs"],
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


@click.command("diff", short_help="Show what differs between two bases.")
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
