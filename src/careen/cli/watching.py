"""A list of images and the options of a command line, as a request to look after them."""

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from careen.pipeline.findings.finding_policy import FindingPolicy
    from careen.pipeline.watch import WatchRequest
    from careen.pipeline.watching.image_list import Watched
    from careen.pipeline.watching.work import Recipe
    from careen.workload.configuration.project import ProjectConfig

_FIXED = ("db", "engine", "platform", "work_dir", "no_cache", "pull", "tls_verify")


def state_of(images: Path, state: Path | None) -> Path:
    """Return the directory of the states of a list: --state, else careen-watch beside it."""
    return (state if state is not None else images.parent / "careen-watch").absolute()


def watch_request(
    listed: "tuple[Watched, ...]", state: Path, given: dict[str, Any]
) -> "WatchRequest":
    """Return the request for these images; a missing option is that of an image that is due."""
    from careen.pipeline.watch import WatchRequest

    fixed = {
        name: value.absolute() if isinstance(value := given[name], Path) else value
        for name in _FIXED
    }
    return WatchRequest(
        images=listed,
        state=state,
        prepare=lambda watched: _prepare(
            watched, {**fixed, "report_dir": state / "reports" / watched.key}
        ),
        judgement=lambda watched: _judgement(_project(watched), watched, fixed),
        database=fixed["db"],
        push=given.get("push", False),
        again=given.get("again", False),
        dry_run=given.get("dry_run", False),
        tls_verify=given["tls_verify"],
    )


def _project(watched: "Watched") -> "ProjectConfig":
    from careen.cli import settle

    return settle.load_project(watched.config)


def _prepare(watched: "Watched", given: dict[str, Any]) -> "Recipe":
    """Return the recipe from an image's careen.toml, as `careen harden` in its directory.

    Raises InputError, or ConfigError without a workload.
    """
    from careen.cli import settle
    from careen.errors import ConfigError
    from careen.pipeline.harden import HardenRequest
    from careen.pipeline.run.settings import Destination
    from careen.pipeline.watching.work import Recipe

    directory = watched.config.parent
    project = settle.load_project(watched.config)
    if not project.workloads:
        msg = (
            f"{watched.config}: no workload: without tests nothing could be verified; describe one"
            " as [workload.NAME]"
        )
        raise ConfigError(msg)
    with contextlib.chdir(directory):
        request = HardenRequest(
            image=watched.name,
            workloads=settle.workloads(given, project),
            choices=settle.choices(given, project),
            destination=Destination(watched.tag),
            report_directory=given["report_dir"],
            database=settle.database(given, project),
            judgement=_judgement(project, watched, given),
            proof=settle.proof(given, project),
            patch=settle.patch_wishes(given, project) if watched.patch else None,
        )
        return Recipe(request, settle.settings(given, project), directory)


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
