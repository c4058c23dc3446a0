"""Options of `careen fleet` as runs of `careen ci`, one for each image of a list."""

import contextlib
from dataclasses import replace
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


def images_of(state: Path, given: dict[str, Any], identifier: str = "") -> "Images":
    """Return what is done to an image, in the directory of its careen.toml.

    `given` are options of `careen ci`; files in them are taken from this directory. `identifier`
    is the vulnerability of an incident. Its functions raise InputError, ConfigError or ToolError.
    """
    from careen.cli.settle_list import asked
    from careen.pipeline.incidents.removals import keep_removals
    from careen.pipeline.incidents.update import Images, names_now
    from careen.pipeline.run.timestamp import now
    from careen.pipeline.watching.lock import only_pass

    fixed = {
        name: value.absolute() if isinstance(value, Path) else value
        for name, value in given.items()
    }

    @contextlib.contextmanager
    def opened(watched: "Watched") -> "Iterator[tuple[CiRequest, Session]]":
        from careen.cli import settle
        from careen.cli.running import open_session

        with (
            asked(watched, state, fixed) as (request, options, project),
            open_session(settle.settings(options, project), options) as run,
        ):
            yield request, run

    def update(watched: "Watched", *, fixes: tuple[str, ...] = ()) -> "Outcome":
        from careen.pipeline.ci import integrate

        with opened(watched) as (request, run):
            return integrate(replace(request, about=identifier, fixes=fixes), run)

    def names(watched: "Watched") -> "Mapping[str, str]":
        with opened(watched) as (request, run):
            return names_now(request.destination, run)

    def known(watched: "Watched", image: "IncidentImage") -> "Known":
        from careen.pipeline.incidents.known import known_of

        with asked(watched, state, fixed) as (request, _, _):
            return known_of(identifier, image, request)

    def remove(watched: "Watched", globs: tuple[str, ...]) -> None:
        with only_pass(state / watched.key, now()):
            keep_removals(state / watched.key, identifier, globs)

    return Images(update, names, known, remove)
