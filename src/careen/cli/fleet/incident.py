"""`careen fleet incident`: fix the images of one vulnerability in waves."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.fleet.options import state_of, state_option, store_option
from careen.cli.options import database_option, machine_options, print_options
from careen.cli.unknown_verb import VerbsBelow

if TYPE_CHECKING:
    from careen.model.incident import Incident

_list = click.argument(
    "images", type=click.Path(path_type=Path, dir_okay=False), metavar="IMAGES.toml"
)


@click.group("incident", cls=VerbsBelow, short_help="Fix the images of a vulnerability in waves.")
def command() -> None:
    """Fix the images that a vulnerability affects, in waves: one, a tenth, the rest.

    \b
    careen fleet incident open CVE-2021-44228 images.toml
    careen fleet incident run CVE-2021-44228 images.toml --push
    """


@command.command("open", short_help="Fix which images are affected, and in which order.")
@click.argument("identifier", metavar="CVE")
@_list
@store_option
@state_option
@database_option
@print_options
def open_command(identifier: str, images: Path, state: Path | None, **given: Any) -> int:
    """Ask the store of the fleet and the advisories which images of IMAGES.toml have CVE, and write
    down in which order and waves they are fixed, and how: by an upgrade, by removing what nothing
    uses, or not at all. No image is read, run or changed.

    \b
    careen db update -q && careen fleet index careen-out
    careen fleet incident open CVE-2021-44228 images.toml
    """
    from careen.advisories.matching.location import default_database
    from careen.cli.fleet.update import images_of
    from careen.fleet.store.place import store_place
    from careen.pipeline.incidents.exposure import exposure
    from careen.pipeline.incidents.open import open_incident
    from careen.pipeline.run.timestamp import now
    from careen.pipeline.watching.image_list import load_list

    listed, where = load_list(images), state_of(images, state)
    database = (given["db"] or default_database()).absolute()
    found = exposure(store_place(given["store"]), identifier, database, listed)
    fixes = images_of(where, {"db": database}, identifier.upper())
    _print(open_incident(identifier, found, fixes, where, now()), given)
    return 0


@command.command("run", short_help="Fix, verify and promote what is not fixed yet.")
@click.argument("identifier", metavar="CVE")
@_list
@click.option(
    "--wave", type=click.IntRange(1, 3), metavar="N", help="Stop after this wave (1, 2 or 3)."
)
@click.option(
    "--max-failures",
    "failures",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Stop when so many images have failed in this run.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and for how long.")
@click.option("--push", is_flag=True, help="Push every result once it has passed.")
@state_option
@database_option
@machine_options
@print_options
def run(identifier: str, images: Path, state: Path | None, **given: Any) -> int:
    """Bring each affected image up to date: patch, harden, verify, promote.

    What executes the package and listens comes first. A killed run goes on where it was. The exit
    status is the worst of all images.

    \b
    careen fleet incident run CVE-2021-44228 images.toml --wave 1
    careen fleet incident run CVE-2021-44228 images.toml --push --max-failures 3
    """
    from careen.cli.fleet.update import images_of
    from careen.cli.running import progress_of
    from careen.pipeline.incidents.run import Limits, run_incident
    from careen.pipeline.incidents.size import size_of
    from careen.pipeline.incidents.state import only_incident, read_incident
    from careen.pipeline.watching.image_list import load_list

    listed = {watched.tag: watched for watched in load_list(images)}
    where = state_of(images, state)
    limits = Limits(given.pop("failures"), given.pop("wave"))
    if given.pop("dry_run"):
        incident = read_incident(where, identifier)
        click.echo(size_of(incident, listed, where, limits))
        return 0
    with only_incident(where, identifier):
        incident = read_incident(where, identifier)
        say = progress_of(given).note
        fixes = images_of(where, given, incident.identifier)
        done = run_incident(incident, listed, fixes, limits, where, say)
    _print(done, given)
    return done.status


@command.command("show", short_help="Show how far an incident is.")
@click.argument("identifier", metavar="CVE")
@_list
@state_option
@print_options
def show(identifier: str, images: Path, state: Path | None, **given: Any) -> int:
    """Show how far an incident is.

    \b
    careen fleet incident show CVE-2021-44228 images.toml
    """
    from careen.pipeline.incidents.state import read_incident

    _print(read_incident(state_of(images, state), identifier), given)
    return 0


@command.command("roll-back", short_help="Give the fixed images their earlier results back.")
@click.argument("identifier", metavar="CVE")
@_list
@state_option
@machine_options
@print_options
def roll_back_command(identifier: str, images: Path, state: Path | None, **given: Any) -> int:
    """Move the names of the images that were promoted back to the results of before the incident.

    A name that means another image by now stays; then the status is 1. The next `careen ci`,
    `watch` or `fleet work` brings the image up to date again.

    \b
    careen fleet incident roll-back CVE-2021-44228 images.toml
    """
    from careen.cli import settle
    from careen.cli.running import open_session
    from careen.pipeline.incidents.roll_back import roll_back
    from careen.pipeline.incidents.state import only_incident, read_incident
    from careen.pipeline.watching.image_list import load_list
    from careen.workload.configuration.project import ProjectConfig

    where = state_of(images, state)
    listed = {watched.tag: watched for watched in load_list(images)}
    with (
        only_incident(where, identifier),
        open_session(settle.settings(given, ProjectConfig()), given) as session,
    ):
        done, whole = roll_back(read_incident(where, identifier), listed, where, session)
    _print(done, given)
    return 0 if whole else 1


def _print(incident: "Incident", given: dict[str, Any]) -> None:
    from careen.cli.running import emit
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.incident import headline, print_incident

    if given["as_json"]:
        emit(to_json(incident))
    elif given["quiet"]:
        click.echo(headline(incident).plain)
    else:
        print_incident(open_console(sys.stdout), incident)
