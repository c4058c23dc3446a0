"""`careen fleet who-has`: which images have something, and how strongly they use it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.fleet.options import json_option, quiet_option, store_option
from careen.cli.signer import names_signer, signer_of, signer_options

if TYPE_CHECKING:
    from careen.model.fleet.question import Filters


@click.command("who-has", short_help="List the images that have something, by use.")
@click.argument("what", required=False, metavar="[WHAT]")
@click.option("--file", "glob", metavar="GLOB", help="Ask for files by path, instead of WHAT.")
@click.option("--executed", is_flag=True, help="Only images that were seen to execute it.")
@click.option("--loaded", is_flag=True, help="Only images that were seen to load or execute it.")
@click.option("--listening", is_flag=True, help="Only where a program that ran it listens.")
@click.option("--base", default="", metavar="IMAGE", help="Only images built on this one.")
@click.option(
    "--state",
    type=click.Choice(["verified", "failed", "unverified"]),
    help="Only images that careen verified, that failed, or that it has not verified.",
)
@click.option("--running", is_flag=True, help="Only images that run in a cluster.")
@click.option(
    "--max-age",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="An older inventory proves no absence: count such images as not known.",
)
@click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The advisory database, for a CVE; default: $CAREEN_DB or careen's own.",
)
@signer_options
@click.option("--all", "everything", is_flag=True, help="Print every row.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV on standard output.")
@store_option
@quiet_option
@json_option
def command(what: str | None, glob: str | None, **given: Any) -> int:
    """List the images that have WHAT: a package URL with or without a range of versions, the digest
    of a file (sha256:…), or a vulnerability (CVE-…), which is looked up in today's advisories.

    Images are graded: executed, loaded, opened, present. An image of which the answer is not known,
    because it has no SBOM or no complete RBOM, is never left out: it is counted, with the reason.
    With --key or an identity only images count of which `careen fleet index` checked that this
    signer signed what is known of them: SBOM or index, RBOM and verdict. Others are not known.

    \b
    careen fleet who-has 'pkg:maven/org.apache.logging.log4j/log4j-core<2.17.1'
    careen fleet who-has CVE-2021-44228 --executed --listening
    careen fleet who-has --file '**/log4j-core-*.jar' --csv
    careen fleet who-has CVE-2021-44228 --key cosign.pub
    """
    from careen.advisories.matching.location import default_database
    from careen.cli.running import emit
    from careen.fleet.ask.what import read_glob, read_what
    from careen.fleet.store.place import store_place
    from careen.pipeline.fleet.who_has import who_has as ask
    from careen.report.documents.document import to_json
    from careen.report.fleet.answer import answer_csv, answer_lines, print_answer
    from careen.report.terminal_output.screen import open_console

    if (what is None) == (glob is None):
        msg = "name either WHAT or --file GLOB: a package URL, sha256:…, CVE-…, or a glob of paths"
        raise click.UsageError(msg)
    asked = read_what(what) if what is not None else read_glob(glob or "")
    db = (given["db"] or default_database()).absolute()
    words = what or f"--file {glob}"
    place = store_place(given["store"])
    found = ask(place, (words, asked), _filters(given), db, name_unknown=False)
    if given["as_json"]:
        emit(to_json(found))
    elif given["as_csv"]:
        emit(answer_csv(found))
    elif given["quiet"]:
        for line in answer_lines(found):
            click.echo(line)
    else:
        print_answer(open_console(sys.stdout), found, everything=given["everything"])
    return 0


def _filters(given: dict[str, Any]) -> "Filters":
    from careen.model.fleet.grade import Grade
    from careen.model.fleet.question import Filters

    grade = Grade.EXECUTED if given["executed"] else Grade.LOADED if given["loaded"] else None
    return Filters(
        grade,
        given["listening"],
        given["base"],
        given["state"] or "",
        given["running"],
        given["max_age"],
        _signer(given) if names_signer(given) else "",
    )


def _signer(given: dict[str, Any]) -> str:
    from careen.pipeline.fleet.trust import stored_signer

    return stored_signer(signer_of(given))
