"""An experiment: a container of the image under a condition, and what is tried on it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass

from careen.model.runs.engine import Container
from careen.model.runs.exploration import Answer
from careen.model.runs.trace import HealthcheckContext
from careen.model.runs.workload import Ready, Workload


def _impossible(_: float) -> str:
    return "it cannot be started again"


@dataclass(frozen=True, slots=True)
class ReadyContainer:
    """A container that is ready, or ended if it is a batch job.

    `ports` maps its TCP ports to ports of 127.0.0.1. `restart` takes a grace period, waits until it
    is ready again and returns "" or one line on why it is not; the ports may change. Waits are
    `patience` times as long as on the original. HEALTHCHECKs run in a `checking` block. `again` are
    the ids of tries to repeat, to see how much the answers vary.
    """

    container: Container
    ports: Mapping[int, int]
    restart: Callable[[float], str] = _impossible
    patience: float = 1.0
    checking: HealthcheckContext = nullcontext
    again: frozenset[str] = frozenset()


Drive = Callable[[ReadyContainer], Iterator[Answer]]


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment with a stable `id`, such as "other-user".

    `workload` is the user's without tests, under the condition. `drive` makes the same tries on
    every image once the container is ready. `limit` is the time of a batch job in seconds (None:
    the workload's); it ends sooner if it becomes ready by `until`. `instead` replaces it if it does
    not become ready (a job: end in time) on the original; `then` follows only if it does. `aside`:
    nothing outside its container can notice it, so on another image it may run beside the
    workloads.
    """

    id: str
    title: str
    workload: Workload
    drive: Drive
    limit: float | None = None
    until: Ready | None = None
    instead: tuple["Experiment", ...] = ()
    then: tuple["Experiment", ...] = ()
    aside: bool = False
