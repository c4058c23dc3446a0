"""Options of `careen fleet` as runs of `careen ci`, one for each image of a list."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from careen.model.incident import IncidentImage
    from careen.model.integration import Outcome
    from careen.pipeline.incidents.update import Images, Known
    from careen.pipeline.integrating.request import CiRequest
    from careen.pipeline.run.session import Session
    from careen.pipeline.watching.image_list import Watched
    from careen.workload.configuration.project import ProjectConfig


def images_of(state: Path, given: dict[str, Any], identifier: str = "") -> "Images":
    """Return what is done to an image, in the directory of its careen.toml.

    `given` are options of `careen ci`; files in them are taken from this directory. `identifier`
    is the vulnerability of an incident. Its functions raise InputError, ConfigError or ToolError.
    """
    from careen.pipeline.incidents.removals import keep_removals
    from careen.pipeline.incidents.update import Images, names_now

    fixed = {
        name: value.absolute() if isinstance(value, Path) else value
        for name, value in given.items()
    }

    @contextlib.contextmanager
    def opened(watched: "Watched", *, again: bool) -> "Iterator[tuple[CiRequest, Session]]":
        from careen.cli import settle
        from careen.cli.running import open_session

        with _asked(watched, state, {**fixed, "again": again or fixed.get("again", False)}) as it:
            request, options, project = it
            with open_session(settle.settings(options, project), options) as run:
                yield request, run

    def update(watched: "Watched", *, again: bool = False) -> "Outcome":
        from careen.pipeline.ci import integrate

        with opened(watched, again=again) as (request, run):
            return integrate(request, run)

    def names(watched: "Watched") -> "Mapping[str, str]":
        with opened(watched, again=False) as (request, run):
            return names_now(request.destination, run)

    def known(watched: "Watched", image: "IncidentImage") -> "Known":
        from careen.pipeline.incidents.known import known_of

        with _asked(watched, state, fixed) as (request, _, _):
            return known_of(identifier, image, request)

    def remove(watched: "Watched", globs: tuple[str, ...]) -> None:
        keep_removals(state / watched.key, identifier, globs)

    return Images(update, names, known, remove)


@contextlib.contextmanager
def _asked(
    watched: "Watched", state: Path, given: dict[str, Any]
) -> "Iterator[tuple[CiRequest, dict[str, Any], ProjectConfig]]":
    """Yield the request for an image, its options and its careen.toml, in the directory of that."""
    from careen.cli import settle
    from careen.cli.settle_ci import ci_request
    from careen.pipeline.incidents.removals import removals_of

    project = settle.load_project(watched.config)
    gone = removals_of(state / watched.key).values()
    options = {
        **given,
        "mode": "harden",
        "name": watched.key,
        "tag": watched.tag,
        "push": watched.push or given.get("push", False),
        "patch": watched.patch,
        "again": given.get("again", False),
        "remove": tuple(glob for globs in gone for glob in globs),
        "cache": state,
        "key": None,
    }
    with contextlib.chdir(watched.config.parent):
        yield ci_request(watched.name, options, project), options, project
