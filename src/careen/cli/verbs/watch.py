"""`careen watch`: one pass over a list of images, for cron or a CI schedule."""

import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.options import database_option, machine_options, print_options

if TYPE_CHECKING:
    from careen.model.integration import Outcome
    from careen.pipeline.findings.finding_policy import FindingPolicy
    from careen.pipeline.watching.image_list import Watched
    from careen.pipeline.watching.work import Recipe
    from careen.report.terminal_output.progress import Progress
    from careen.workload.configuration.project import ProjectConfig


@click.command
@click.argument("images", type=click.Path(path_type=Path, dir_okay=False), metavar="IMAGES.toml")
@click.option(
    "--only",
    "only",
    multiple=True,
    metavar="TAG",
    help="Only the images with these tags, as globs.",
)
@click.option(
    "--list",
    "only_list",
    is_flag=True,
    help=(
        "Print the list with each image that its entries with `tags` stand for, and end; its paths"
        " are relative to the directory of IMAGES.toml."
    ),
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what has changed and what would be done; pull, harden, push and write nothing.",
)
@click.option(
    "--push",
    is_flag=True,
    help="Push every result once it has passed, with skopeo's or docker's credentials.",
)
@click.option(
    "--again",
    is_flag=True,
    help="Harden all images, changed or not, including those waiting after a failure.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=(
        "What a pass leaves for the next one, and the results; default: careen-watch and"
        " careen-fleet beside IMAGES.toml."
    ),
)
@database_option
@machine_options
@print_options
def command(images: Path, state: Path | None, **given: Any) -> int:
    """Look after the images of IMAGES.toml (docs/watch.md): one pass, meant for cron or a CI
    schedule.

    An image is patched, hardened, verified and only then tagged again when its upstream, its
    careen.toml or what is known against the result has changed so that something can be done about
    it. The others take no time.

    \b
    careen db update -q && careen watch images.toml --push
    careen watch images.toml --dry-run
    careen watch images.toml --list > today.toml
    """
    from careen.cli import settle
    from careen.cli.fleet.options import state_of
    from careen.cli.running import emit, progress_of
    from careen.pipeline.watch import WatchRequest, watch
    from careen.pipeline.watching.expand import expand
    from careen.pipeline.watching.image_list import load_entries
    from careen.pipeline.watching.written_list import list_text
    from careen.registries.skopeo import Skopeo
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.watch import print_watch, watch_lines

    progress, skopeo = progress_of(given), Skopeo(given["tls_verify"])
    expanded = expand(load_entries(images), skopeo, progress).only(given["only"])
    listed = expanded.images
    if given["only_list"]:
        for left_out in expanded.failed:  # half a list would be taken for the whole
            raise left_out.error
        click.echo(list_text(listed, images.absolute().parent), nl=False)
        return 0
    where = (state if state is not None else images.parent / "careen-watch").absolute()
    results = state_of(images, state)
    fixed = {
        name: value.absolute() if isinstance(value := given[name], Path) else value
        for name in ("db", "engine", "platform", "work_dir", "no_cache", "pull", "tls_verify")
    }
    request = WatchRequest(
        images=listed,
        unlisted=expanded.failed,
        state=where,
        prepare=lambda watched: _prepare(watched, results, fixed),
        judgement=lambda watched: _judgement(settle.load_project(watched.config), watched, fixed),
        database=fixed["db"],
        push=given["push"],
        again=given["again"],
        dry_run=given["dry_run"],
        tls_verify=given["tls_verify"],
    )
    result = watch(request, progress)
    if given["as_json"]:
        emit(to_json(result))
    elif given["quiet"]:
        for line in watch_lines(result):
            click.echo(line)
    else:
        print_watch(open_console(sys.stdout), result)
    return result.status


def _prepare(watched: "Watched", state: Path, given: dict[str, Any]) -> "Recipe":
    """Return the recipe from an image's careen.toml, as `careen ci` in its directory.

    Raises InputError, or ConfigError without a workload.
    """
    from careen.cli import settle
    from careen.cli.settle_list import asked
    from careen.pipeline.watching.work import Asking, Recipe

    # A pass pushes what docker's store has, and again without work if that fails.
    with asked(replace(watched, push=False), state, given) as (request, options, project):
        judgement, settings = _judgement(project, watched, given), settle.settings(options, project)

        def update(
            database: Path, progress: "Progress", *, again: bool = False, push: bool = False
        ) -> "Outcome":
            from careen.pipeline.ci import integrate  # takes longer than a pass without hardening
            from careen.pipeline.run.session import session

            wanted = replace(request, database=database, again=again)
            if push:
                with asked(replace(watched, push=True), state, given) as (pushing, _, _):
                    goes = pushing.destination
                wanted = replace(wanted, destination=goes, first=request.destination)
            with session(settings, progress) as run:
                return integrate(wanted, run)

        wishes = request.patch
        asking = Asking(request.image, wishes, request.destination, judgement) if wishes else None
        directory = watched.config.parent
        return Recipe(update, asking, judgement, settings, directory, request.evidence)


def _judgement(
    project: "ProjectConfig", watched: "Watched", given: dict[str, Any]
) -> "FindingPolicy":
    """Return the finding policy of an image, with absolute files. Raises InputError."""
    from careen.cli import settle

    with contextlib.chdir(watched.config.parent):
        judgement = settle.judgement(given, project)
        return (
            replace(judgement, ignore_file=judgement.ignore_file.absolute())
            if judgement.ignore_file is not None
            else judgement
        )
