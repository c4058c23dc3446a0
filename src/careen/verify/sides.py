"""Runs of containers on one image, and pairs of the same run on both images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from careen.model.runs.exploration import Explored
from careen.model.runs.trace import Trace
from careen.model.runs.workload import WorkloadResult

PREFIX = "explore:"  # as in the RBOM's `Run.workload`; no workload's name begins with it


@dataclass(frozen=True, slots=True)
class Ran:
    """A workload's run with its trace (None without a sensor).

    `others` are traces of containers that its tests started.
    """

    result: WorkloadResult
    trace: Trace | None
    others: tuple[Trace, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """All runs on one image: workloads in order, then experiments (None: not explored)."""

    workloads: tuple[Ran, ...]
    explored: tuple[Explored, ...] | None = None

    def lives(self) -> Iterator["ContainerRun"]:
        """Yield every container's life; repeated experiments get a number."""
        for ran in self.workloads:
            yield ContainerRun(ran.result.workload, ran.result, ran.trace, ran.others)
        seen: dict[str, int] = {}
        for item in self.explored or ():
            number = seen[item.experiment] = seen.get(item.experiment, 0) + 1
            name = item.experiment.removeprefix(PREFIX)
            yield ContainerRun(
                f"{PREFIX}{name}" + (f" ({number})" if number > 1 else ""), item, item.trace
            )


@dataclass(frozen=True, slots=True)
class ContainerRun:
    """One container from start to end.

    `where` names it: the workload, or `explore:` and the experiment.
    """

    where: str
    did: WorkloadResult | Explored
    trace: Trace | None
    others: tuple[Trace, ...] = ()

    @property
    def traces(self) -> tuple[Trace, ...]:
        """Its trace, and those of containers that its tests started."""
        return (*((self.trace,) if self.trace is not None else ()), *self.others)

    @property
    def watched(self) -> tuple[Trace, ...]:
        """One trace per sensor; the containers that tests started share one."""
        return (*((self.trace,) if self.trace is not None else ()), *self.others[:1])

    @property
    def is_workload(self) -> bool:
        return isinstance(self.did, WorkloadResult)

    @property
    def ready(self) -> bool:
        """Whether it became ready, or is a batch job that did its work."""
        # Tests only run on a ready container.
        if isinstance(self.did, WorkloadResult):
            return self.did.ready_seconds is not None or self.did.passed or bool(self.did.tests)
        return self.did.ready_seconds is not None


@dataclass(frozen=True, slots=True)
class Pair:
    """The same life on both images.

    `again`: further runs, made on both images at the same time. `starts`: runs that only measure
    the start.
    """

    before: ContainerRun
    after: ContainerRun
    again: tuple["Pair", ...] = ()
    starts: tuple["Pair", ...] = ()

    @property
    def runs(self) -> tuple["Pair", ...]:
        """This run and the further ones."""
        return (self, *self.again)

    @property
    def where(self) -> str:
        return self.after.where


@dataclass(frozen=True, slots=True)
class Round:
    """Further runs of some workloads and experiments, on both images at the same time.

    For the workloads in `starts` only the start was run.
    """

    before: Side
    after: Side
    starts: frozenset[str] = frozenset()


def pairs(before: Side, after: Side, rounds: Sequence[Round] = ()) -> tuple[Pair, ...]:
    """Return what ran on both images in the original's order, each with its further runs."""
    further = [
        ({pair.where: pair for pair in pairs(each.before, each.after)}, each.starts)
        for each in rounds
    ]
    found = {life.where: life for life in after.lives()}
    out: list[Pair] = []
    for life in before.lives():
        if life.where in found:
            again = tuple(
                each[life.where]
                for each, starts in further
                if life.where in each and life.where not in starts
            )
            alone = tuple(
                each[life.where]
                for each, starts in further
                if life.where in each and life.where in starts
            )
            out.append(Pair(life, found[life.where], again, alone))
    return tuple(out)


def not_repeated(before: Side, after: Side) -> Sequence[str]:
    """Return the original's experiments that are missing on an explored new image."""
    if after.explored is None:
        return ()
    found = {life.where for life in after.lives()}
    return [
        life.where for life in before.lives() if not life.is_workload and life.where not in found
    ]
