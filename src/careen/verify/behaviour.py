"""Everything that two images did, held side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from careen.model.behaviour import Compared, Deviation, Weight
from careen.model.completeness import completeness
from careen.model.exploration import Explored
from careen.model.vain import VainLookup
from careen.model.workload import WorkloadResult
from careen.oci.rootfs import Rootfs
from careen.verify.answers import Measure, compare_answers
from careen.verify.cases import compare_cases, number_of_cases
from careen.verify.causes import Causes, Removed
from careen.verify.cost import compare_cost
from careen.verify.endings import compare_exit, compare_readiness, compare_starts
from careen.verify.error_lines import LONGEST, compare_errors, error_lines
from careen.verify.health import compare_health
from careen.verify.libraries import compare_libraries, loaded
from careen.verify.normal import Noise
from careen.verify.repeated import MOST as MOST_ANSWERS
from careen.verify.repeated import Known, learn_from_all
from careen.verify.requests import MOST as MOST_REQUESTS
from careen.verify.requests import compare_requests
from careen.verify.sides import Pair, Side, not_repeated, pairs
from careen.verify.vain import looked_for_in_vain
from careen.verify.words import brief

MOST = 2000  # deviations of one comparison


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the new image behaves otherwise, what it looked for in vain (by workload, and by `explore:` and experiment), and how much was compared."""

    deviations: tuple[Deviation, ...]
    vain: Mapping[str, tuple[VainLookup, ...]]
    compared: Compared


@dataclass(frozen=True, slots=True)
class Images:
    """The file systems of both images."""

    original: Rootfs
    result: Rootfs


def compare_behaviour(before: Side, after: Side, images: Images, noise: Noise) -> Behaviour:
    """Compare what ran on both images: test cases, readiness, health checks, starts, endings, answers, requests, error lines, libraries, cost.

    Failures come first, then warnings, each in the order in which it was run; at most 2000 in all. What ran on one image alone is the verdict's business, but
    for an experiment that the new image lost.
    """
    shared = pairs(before, after)
    vain = {life.where: looked_for_in_vain(life.traces, images.original, images.result) for life in after.lives() if life.traces}
    removed = Removed(images.original, images.result)
    original = _Original(before, noise)
    found: list[Deviation] = []
    for pair in shared:
        found += _life(pair, original, noise, Causes(vain.get(pair.where, ()), removed))
    found += [Deviation("readiness", Weight.FAILURE, where, "was tried", "was not tried") for where in not_repeated(before, after)]
    found += compare_libraries(shared, images.original, images.result)
    found.sort(key=lambda deviation: deviation.weight is not Weight.FAILURE)
    return Behaviour(tuple(found[:MOST]), vain, _compared(shared, images.original, found[MOST:]))


class _Original:
    """What all containers of the original showed together."""

    def __init__(self, side: Side, noise: Noise) -> None:
        self.errors = {life.where: error_lines(life.did.logs, noise) for life in side.lives()}
        self.printed = frozenset(key for lines in self.errors.values() for key in lines)
        groups: dict[str, list[Explored]] = {}
        for item in side.explored or ():
            groups.setdefault(_workload_of(item), []).append(item)
        self._noise = {workload: learn_from_all(items, noise) for workload, items in groups.items()}

    def noise_of(self, item: Explored) -> Mapping[str, Known]:
        """What the experiments with the same workload show to be noise."""
        return self._noise.get(_workload_of(item), {})


def _workload_of(item: Explored) -> str:
    """Where there are several workloads, the ids of experiments begin with the workload's name and a dot."""
    return item.experiment.rpartition(".")[0]


def _life(pair: Pair, original: _Original, noise: Noise, causes: Causes) -> Iterator[Deviation]:
    yield from compare_readiness(pair, causes)
    yield from compare_starts(pair)
    match pair.before.did, pair.after.did:
        case WorkloadResult() as one, WorkloadResult() as two:
            yield from compare_health(pair.where, one.health, two.health, causes)
            yield from compare_cases(one, two, causes)
            yield from compare_requests(one, two, noise)
        case Explored() as first, Explored() as second if pair.before.ready == pair.after.ready:  # else all of its tries differ, for one reason
            yield from compare_answers(pair.where, first, second, Measure(noise, original.noise_of(first)), causes)
        case _:
            pass
    yield from compare_exit(pair, causes)
    yield from compare_errors(pair.where, original.errors[pair.where], error_lines(pair.after.did.logs, noise), original.printed, causes)
    yield from compare_cost(pair)


def _unseen(pair: Pair) -> str:
    """Say what the sensor lacks of a container on either image, "" if nothing."""
    traces = (*pair.before.watched, *pair.after.watched)
    return completeness(trace.sensor.losses for trace in traces).sentence()


def _compared(shared: Sequence[Pair], original: Rootfs, cut: Sequence[Deviation]) -> Compared:
    workloads = [pair.before.did for pair in shared if isinstance(pair.before.did, WorkloadResult)]
    experiments = [pair.before.did for pair in shared if isinstance(pair.before.did, Explored)]
    answered = [pair.before.did for pair in shared if isinstance(pair.before.did, Explored) and pair.before.ready == pair.after.ready]
    passed_over = [f"{pair.where}: output before its last 16 MiB" for pair in shared if max(len(pair.before.did.logs), len(pair.after.did.logs)) > LONGEST]
    passed_over += [f"{item.experiment}: answers after the first {MOST_ANSWERS}" for item in experiments if len(item.answers) > MOST_ANSWERS]
    passed_over += [f"{item.workload}: requests after the first {MOST_REQUESTS}" for item in workloads if len(item.exchanges) > MOST_REQUESTS]
    passed_over += [f"{pair.where}: {brief(pair.before.did.skipped)}" for pair in shared if isinstance(pair.before.did, Explored) and pair.before.did.skipped]
    passed_over += [f"{pair.where}: libraries and look-ups that were not seen: {unseen}" for pair in shared if (unseen := _unseen(pair))]
    if cut:
        passed_over.append(f"{len(cut)} more differences than are listed")
    return Compared(
        cases=sum(number_of_cases(result) for result in workloads),
        answers=sum(min(len(item.answers), MOST_ANSWERS) for item in answered),
        experiments=len(experiments),
        requests=sum(min(len(result.exchanges), MOST_REQUESTS) for result in workloads),
        lines=sum(pair.after.did.logs.count("\n") for pair in shared),
        libraries=len(frozenset().union(*(loaded(pair.before.trace, original) for pair in shared))),
        passed_over=tuple(passed_over),
    )
