"""An experiment: a container of the image under some condition, and what is tried on it once it is
ready.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass

from careen.model.engine import Container
from careen.model.exploration import Answer
from careen.model.trace import Marked
from careen.model.workload import Ready, Workload


def _impossible(_: float) -> str:
    return "it cannot be started again"


@dataclass(frozen=True, slots=True)
class Live:
    """A container that is ready (or has ended, if its workload is a batch job), and the ports of
    127.0.0.1 that reach its TCP ports.

    `restart` restarts it as `Container.restart` does with that grace period, waits until it is
    ready again, and returns "" or in one line why it is not; it is bounded by whoever made it. The
    ports may be others afterwards. `patience` is by how much longer than on the original an answer
    or an end is waited for: an image that is tried a second time must not fail for a second's sake.
    The image's HEALTHCHECK is run within a `checking` block. `again` are the ids of tries that are
    made several times, to see how far the answers differ.
    """

    container: Container
    ports: Mapping[int, int]
    restart: Callable[[float], str] = _impossible
    patience: float = 1.0
    checking: Marked = nullcontext
    again: frozenset[str] = frozenset()


Drive = Callable[[Live], Iterator[Answer]]


@dataclass(frozen=True, slots=True)
class Experiment:
    """`workload` is the user's without its tests, its run options changed to the condition. `drive`
    makes the tries, the same ones on every image; an experiment whose container never becomes ready
    is not driven: how it ends is what is learnt. `id` is short and stable ("other-user"). `limit`
    are the seconds that a batch job gets, None for the workload's own; it is ended sooner once it
    is ready by `until`, since what serves does not end by itself. `instead` are experiments that
    take its place when it does not become ready on the original (a job: does not end in time),
    `then` those that are made only when it does.
    """

    id: str
    title: str
    workload: Workload
    drive: Drive
    limit: float | None = None
    until: Ready | None = None
    instead: tuple["Experiment", ...] = ()
    then: tuple["Experiment", ...] = ()
