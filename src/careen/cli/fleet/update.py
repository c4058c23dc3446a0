"""Options of `careen fleet` as runs of `careen ci`, one for each image of a list."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from careen.model.integration import Outcome
    from careen.pipeline.incidents.update import Images
    from careen.pipeline.integrating.request import CiRequest
    from careen.pipeline.run.session import Session
    from careen.pipeline.watching.image_list import Watched


def images_of(state: Path, given: dict[str, Any]) -> "Images":
    """Return what is done to an image, in the directory of its careen.toml.

    `given` are options of `careen ci`; files in them are taken from this directory. Its functions
    raise InputError, ConfigError or ToolError.
    """
    from careen.pipeline.incidents.update import Images, names_now

    fixed = {
        name: value.absolute() if isinstance(value, Path) else value
        for name, value in given.items()
    }

    @contextlib.contextmanager
    def opened(watched: "Watched", *, again: bool) -> "Iterator[tuple[CiRequest, Session]]":
        from careen.cli import settle
        from careen.cli.running import open_session
        from careen.cli.settle_ci import ci_request

        project = settle.load_project(watched.config)
        options = {
            **fixed,
            "mode": "harden",
            "name": watched.key,
            "tag": watched.tag,
            "push": watched.push or fixed["push"],
            "patch": watched.patch,
            "again": again or fixed.get("again", False),
            "cache": state,
            "key": None,
        }
        with contextlib.chdir(watched.config.parent):
            request = ci_request(watched.name, options, project)
            with open_session(settle.settings(options, project), options) as run:
                yield request, run

    def update(watched: "Watched", *, again: bool = False) -> "Outcome":
        from careen.pipeline.ci import integrate

        with opened(watched, again=again) as (request, run):
            return integrate(request, run)

    def names(watched: "Watched") -> "Mapping[str, str]":
        with opened(watched, again=False) as (request, run):
            return names_now(request.destination, run)

    return Images(update, names)
