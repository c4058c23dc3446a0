"""An experiment: a container of the image under some condition, and what is tried on it once it is ready."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from careen.model.engine import Container
from careen.model.exploration import Answer
from careen.model.workload import Workload


@dataclass(frozen=True, slots=True)
class Live:
    """A container that is ready (or has ended, if its workload is a batch job), and the ports of 127.0.0.1 that reach its TCP ports."""

    container: Container
    ports: Mapping[int, int]


Drive = Callable[[Live], Iterator[Answer]]


@dataclass(frozen=True, slots=True)
class Experiment:
    """`workload` is the user's without its tests, its run options changed to the condition. `drive` makes the tries, the same ones on every image; an
    experiment whose container never becomes ready is not driven: how it ends is what is learnt. `id` is short and stable ("other-user").
    """

    id: str
    title: str
    workload: Workload
    drive: Drive
