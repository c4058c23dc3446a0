"""`careen fleet`: which images have something, and how strongly they use it."""

import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.fleet import incident, queue, render, work
from careen.cli.fleet.options import store_option
from careen.cli.unknown_verb import VerbsBelow

_json = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else."
)
_quiet = click.option("-q", "--quiet", is_flag=True, help="Print one line for each result.")


@click.group(cls=VerbsBelow)
def command() -> None:
    """Ask many images at once: which have a package, a file or a vulnerability, and which use it.
    Then fix them in waves, and keep them up to date.

    \b
    careen fleet index careen-out sboms
    careen fleet who-has 'pkg:maven/org.apache.logging.log4j/log4j-core<2.17.1' --executed
    careen fleet incident run CVE-2021-44228 images.toml --push
    """


@command.command("index", short_help="Put SBOMs, RBOMs and reports into the store.")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path, exists=False)
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1, max=64),
    metavar="N",
    help="Processes that read documents; default: one for each processor, 16 at most.",
)
@store_option
@_quiet
@_json
def index(paths: tuple[Path, ...], **given: Any) -> int:
    """Put the documents at each PATH into the store: report directories of careen, SBOMs
    (CycloneDX, SPDX, Syft), RBOMs and scans of careen, directories of them, lists of documents
    (TOML; docs/fleet.md; not the list of `careen watch`), and what runs in a cluster (`kubectl get
    pods -A -o json`).

    What is in the store already is skipped, so a run that was cut off goes on where it was. A
    document that cannot be read is named, and the rest goes on; then the status is 1.

    \b
    careen fleet index careen-out
    careen fleet index sboms --store postgresql:///fleet
    """
    from careen.cli.running import emit, progress_of
    from careen.fleet.store.place import store_place
    from careen.pipeline.fleet.index import index as put_all
    from careen.pipeline.fleet.reading import default_jobs
    from careen.report.documents.document import to_json
    from careen.report.fleet.indexed import indexed_lines

    jobs = given["jobs"] or default_jobs()
    done = put_all(store_place(given["store"]), paths, progress_of(given), jobs)
    if given["as_json"]:
        emit(to_json(done))
    else:
        for line in indexed_lines(done, quiet=given["quiet"]):
            click.echo(line)
    return 1 if done.refused else 0


@command.command("who-has", short_help="List the images that have something, by use.")
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
@click.option("--all", "everything", is_flag=True, help="Print every row.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV on standard output.")
@store_option
@_quiet
@_json
def who_has(what: str | None, glob: str | None, **given: Any) -> int:
    """List the images that have WHAT: a package URL with or without a range of versions, the digest
    of a file (sha256:…), or a vulnerability (CVE-…), which is looked up in today's advisories.

    Images are graded: executed, loaded, opened, present. An image of which the answer is not known,
    because it has no SBOM or no complete RBOM, is never left out: it is counted, with the reason.

    \b
    careen fleet who-has 'pkg:maven/org.apache.logging.log4j/log4j-core<2.17.1'
    careen fleet who-has CVE-2021-44228 --executed --listening
    careen fleet who-has --file '**/log4j-core-*.jar' --csv
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
    found = ask(store_place(given["store"]), (what or f"--file {glob}", asked), _filters(given), db)
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


@command.command("forget", short_help="Remove images from the store.")
@click.argument("images", nargs=-1, metavar="[IMAGE…]")
@click.option(
    "--cluster",
    "clusters",
    multiple=True,
    metavar="NAME",
    help="Remove the list of what runs in this cluster; repeatable.",
)
@store_option
@_quiet
@_json
def forget(images: tuple[str, ...], clusters: tuple[str, ...], **given: Any) -> int:
    """Remove each IMAGE, named by its digest or name, with all that only it had in the store. The
    image itself stays where it is.

    \b
    careen fleet forget shop/api:2023
    careen fleet forget --cluster old-prod
    """
    from careen.cli.running import emit
    from careen.fleet.store.place import store_place
    from careen.pipeline.fleet.forget import forget as remove
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.figures import counted
    from careen.report.terminal_output.screen import shown

    if not images and not clusters:
        msg = "name an IMAGE, or a cluster with --cluster NAME"
        raise click.UsageError(msg)
    done = remove(store_place(given["store"]), images, clusters)
    if given["as_json"]:
        emit(to_json(done))
    elif given["quiet"]:
        for gone in (*done.images, *done.clusters):
            click.echo(shown(gone))
    else:
        if images:
            click.echo(f"{counted(len(done.images), 'image')} removed, {done.fleet:,} left")
        if clusters:
            click.echo(f"{counted(len(done.clusters), 'list')} of running pods removed")
    return 0


def _filters(given: dict[str, Any]) -> Any:
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
    )


for each in (
    incident.command,
    work.command,
    render.command,
    queue.enqueue_command,
    queue.worker_command,
    queue.status_command,
):
    command.add_command(each)
