"""`careen base migrate`."""

import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.bases.options import catalogs_option
from careen.cli.options import machine_options, print_options


@click.command("migrate", short_help="Move a Dockerfile to bases of the catalog.")
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
    help="Build context, in which scripts are looked at; default: the directory of the file.",
)
@catalogs_option
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
    from careen.report.views.migration import print_migration, print_patch
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
    elif given["quiet"] and sys.stdout.isatty():
        print_patch(open_console(sys.stdout), found)
    elif given["quiet"]:
        click.echo(found.patch.encode(), nl=False)  # a text would lose its escapes
    else:
        print_migration(
            open_console(sys.stdout), found, written=given["write"], catalogs=given["catalogs"]
        )
    return 0
