"""Bring one image of a list up to date, as `careen ci` does, and say what is known of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from careen.model.incident import IncidentImage, Remedy
from careen.model.integration import Outcome
from careen.pipeline.integrating.inputs import digest_at
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination
from careen.pipeline.watching.image_list import Watched


class Update(Protocol):
    """Function that brings an image of a list up to date.

    `fixes` are identifiers whose upgrades are asked for, though an earlier run has tried them.
    """

    def __call__(self, watched: Watched, *, fixes: tuple[str, ...] = ()) -> Outcome:
        """Do it. Raises CareenError."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an image: its fix, and what VEX states of its result.

    `document` is the statement as OpenVEX, None if nothing can be stated.
    """

    remedy: Remedy
    vex: str = ""
    document: bytes | None = None


@dataclass(frozen=True, slots=True)
class Images:
    """What can be done to an image of the list.

    `names` returns the digest of each name of the result that there is. `known` looks at what is
    stored, and runs nothing. `remove` has all later runs leave these globs out; none of them, none.
    All raise CareenError.
    """

    update: Update
    names: Callable[[Watched], Mapping[str, str]]
    known: Callable[[Watched, IncidentImage], Known]
    remove: Callable[[Watched, tuple[str, ...]], None]


def names_now(destination: Destination, session: Session) -> dict[str, str]:
    """Return the digest of each name that a result gets, without names that nothing has.

    Raises ToolError for a registry or a store that does not answer.
    """
    found = {place: digest_at(place, session) for place in destination.describe()}
    return {place: digest for place, digest in found.items() if digest}
