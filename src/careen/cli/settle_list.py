"""An image of a list as a run of `careen ci`: what `watch` and `fleet` share.

Both find each other's results, because both ask for the same work under the same name.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careen.cli import settle
from careen.cli.settle_ci import ci_request
from careen.pipeline.incidents.removals import removals_of
from careen.pipeline.watching.image_list import Watched
from careen.workload.configuration.project import ProjectConfig

if TYPE_CHECKING:
    from careen.pipeline.integrating.request import CiRequest


@contextlib.contextmanager
def asked(
    watched: Watched, state: Path, given: dict[str, Any]
) -> Iterator[tuple["CiRequest", dict[str, Any], ProjectConfig]]:
    """Yield the request for an image, its options and its careen.toml, in the directory of that."""
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
        "cache": state,
        "key": None,
    }
    with contextlib.chdir(watched.config.parent):
        request = ci_request(watched.name, options, project)
        unneeded = tuple(dict.fromkeys(glob for globs in gone for glob in globs))
        choices = replace(request.choices, remove_unneeded=unneeded)
        yield replace(request, choices=choices), options, project
