"""Bring one image up to date, as `careen ci` does, and say what its names meant before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from careen.errors import ConfigError
from careen.model.integration import Outcome
from careen.pipeline.ci import integrate
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.state import read_state
from careen.pipeline.run.session import Session
from careen.pipeline.watching.image_list import Watched


@dataclass(frozen=True, slots=True)
class Updated:
    """The outcome, and the digests of the result's names before and after."""

    outcome: Outcome
    before: Mapping[str, str]
    after: Mapping[str, str]


class Update(Protocol):
    """Function that brings an image of a list up to date; with `again` it does everything."""

    def __call__(self, watched: Watched, *, again: bool = False) -> Updated:
        """Do it. Raises CareenError."""


def update(request: CiRequest, session: Session) -> Updated:
    """Do what has changed for one image. Raises as `integrate`."""
    before = _places(request)
    outcome = integrate(request, session)
    return Updated(outcome, before, _places(request))


def _places(request: CiRequest) -> Mapping[str, str]:
    try:
        stored = read_state(request.folder)
    except ConfigError:  # integrate reports it
        return {}
    return {} if stored is None else stored.places
