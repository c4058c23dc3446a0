"""Options of `careen fleet` as runs of `careen ci`, one for each image of a list."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from careen.pipeline.incidents.update import Update, Updated
    from careen.pipeline.watching.image_list import Watched


def state_of(images: Path, state: Path | None) -> Path:
    """Return where the results of a list are kept: --state, else careen-fleet beside it."""
    return (state if state is not None else images.parent / "careen-fleet").absolute()


def updater(state: Path, given: dict[str, Any]) -> "Update":
    """Return the function that brings one image up to date, in the directory of its careen.toml.

    `given` are options of `careen ci`; files in them are taken from this directory. The function
    raises InputError, ConfigError or ToolError.
    """
    fixed = {
        name: value.absolute() if isinstance(value, Path) else value
        for name, value in given.items()
    }

    def update_one(watched: "Watched", *, again: bool = False) -> "Updated":
        from careen.cli import settle
        from careen.cli.running import open_session
        from careen.cli.settle_ci import ci_request
        from careen.pipeline.incidents.update import update

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
                return update(request, run)

    return update_one
