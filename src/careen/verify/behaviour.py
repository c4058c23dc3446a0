"""Comparison of the behaviour of two images."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from careen.model.runs.behaviour import Compared, Deviation, Weight
from careen.model.runs.completeness import completeness
from careen.model.runs.exploration import Explored
from careen.model.runs.vain import FailedLookup
from careen.model.runs.workload import WorkloadResult
from careen.oci.tree.rootfs import Rootfs
from careen.verify.answers import Measure, compare_answers
from careen.verify.bodies.normal import Noise
from careen.verify.cases import compare_cases, number_of_cases
from careen.verify.causes import Causes, Removed
from careen.verify.cost import compare_cost
from careen.verify.endings import compare_exit, compare_readiness, compare_starts
from careen.verify.error_lines import LONGEST, Printed, compare_errors, error_lines
from careen.verify.health import compare_health
from careen.verify.libraries import compare_libraries, loaded, with_other_libraries
from careen.verify.repeated import MOST as MOST_ANSWERS
from careen.verify.repeated import Known, base_id, learn_from_all
from careen.verify.requests import MOST as MOST_REQUESTS
from careen.verify.requests import compare_requests
from careen.verify.rounds import in_every_run
from careen.verify.sides import Pair, Round, Side, not_repeated, pairs
from careen.verify.unsure import Inconclusive
from careen.verify.vain import looked_for_in_vain
from careen.verify.words import brief

MOST = 2000  # deviations of one comparison
# Two runs suffice for these kinds: each further one waits for the longest time limit.
_PLAIN = frozenset({"readiness", "connection"})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Differences in the new image's behaviour, failed look-ups, and how much was compared.

    `vain` holds failed look-ups by workload, or by `explore:` and experiment. `doubtful` names the
    workloads and experiments where a further run may show that a difference is noise, and `starts`
    those of them where only the start differs.
    """

    deviations: tuple[Deviation, ...]
    vain: Mapping[str, tuple[FailedLookup, ...]]
    compared: Compared
    doubtful: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()


NOTHING_COMPARED = Behaviour((), {}, Compared())


@dataclass(frozen=True, slots=True)
class Images:
    """The file systems of both images."""

    original: Rootfs
    result: Rootfs


def compare_behaviour(
    before: Side, after: Side, images: Images, noise: Noise, rounds: Sequence[Round] = ()
) -> Behaviour:
    """Compare what ran on both images.

    A difference must occur in all `rounds`, beyond the original's own variation. Failures come
    first, then warnings, each in the order of the runs; at most 2000 in all. What ran on one image
    only is left to the verdict, except for an experiment missing on the new image.
    """
    shared = pairs(before, after, rounds)
    removed = Removed(images.original, images.result)
    vain = {
        life.where: looked_for_in_vain(life.traces, images.original, images.result)
        for life in after.lives()
        if life.traces
    }
    original = _Original(before, rounds, noise)
    found: list[Deviation] = []
    doubtful = set(with_other_libraries(shared, images.original, images.result))
    starts: set[str] = set()
    unsure = Inconclusive()
    for pair in shared:
        worth = unsure.worth_retry
        life = list(_life(pair, original, noise, Causes(vain.get(pair.where, ()), removed), unsure))
        if pair.where not in doubtful and unsure.worth_retry == worth and _is_start(life):
            starts.add(pair.where)
        if unsure.worth_retry > worth or _is_doubtful(life, pair):
            doubtful.add(pair.where)
        found += life
    found += [
        Deviation("readiness", Weight.FAILURE, where, "was tried", "was not tried")
        for where in not_repeated(before, after)
    ]
    found += compare_libraries(shared, images.original, images.result)
    found.sort(key=lambda deviation: deviation.weight is not Weight.FAILURE)
    return Behaviour(
        tuple(found[:MOST]),
        vain,
        _compared(shared, images.original, found[MOST:], unsure),
        frozenset(doubtful),
        frozenset(starts),
    )


def _is_start(life: Sequence[Deviation]) -> bool:
    return {item.kind for item in life} == {"start-time"}


def _is_doubtful(life: Sequence[Deviation], pair: Pair) -> bool:
    """Return whether a further run may show that a difference is noise."""
    # The repair judges test cases. A failure that came twice with a known cause is not chance, nor
    # is anything else in the same try.
    sure = {
        base_id(item.where)
        for item in life
        if item.weight is Weight.FAILURE and pair.again and (item.cause or item.kind in _PLAIN)
    }
    return any(item.kind != "case" and base_id(item.where) not in sure for item in life)


class _Original:
    """Noise and error lines of all the original's containers."""

    def __init__(self, side: Side, rounds: Sequence[Round], noise: Noise) -> None:
        sides = (side, *(each.before for each in rounds))
        self.printed = frozenset(
            key
            for each in sides
            for life in each.lives()
            for key in error_lines(life.did.logs, noise)
        )
        groups: dict[str, list[Explored]] = {}
        for item in (item for each in sides for item in each.explored or ()):
            groups.setdefault(_workload_of(item), []).append(item)
        self._noise = {workload: learn_from_all(items, noise) for workload, items in groups.items()}

    def noise_of(self, item: Explored) -> Mapping[str, Known]:
        """Return the noise in the experiments with the same workload."""
        return self._noise.get(_workload_of(item), {})


def _workload_of(item: Explored) -> str:
    """Return the workload in an experiment's id (`WORKLOAD.EXPERIMENT`), or ""."""
    return item.experiment.rpartition(".")[0]


def _life(
    pair: Pair, original: _Original, noise: Noise, causes: Causes, unsure: Inconclusive
) -> Iterator[Deviation]:
    yield from in_every_run(pair, compare_readiness, causes, unsure)
    yield from in_every_run(pair, compare_starts, causes, unsure)
    match pair.before.did, pair.after.did:
        case WorkloadResult() as one, WorkloadResult() as two:
            yield from in_every_run(pair, _health, causes, unsure)
            yield from compare_cases(one, two, causes)
            yield from compare_requests(_results(pair), noise, unsure)
        case Explored() as first, Explored() if runs := _answered(pair):
            yield from compare_answers(
                pair.where, runs, Measure(noise, original.noise_of(first), unsure), causes
            )
        case _:
            pass
    yield from in_every_run(pair, compare_exit, causes, unsure)
    before, after = (
        [error_lines(life.did.logs, noise) for life in side]
        for side in zip(*((run.before, run.after) for run in pair.runs), strict=True)
    )
    yield from compare_errors(pair.where, Printed(before, after, original.printed), causes, unsure)
    yield from compare_cost(pair, unsure)


def _unseen(pair: Pair) -> str:
    """Return what the sensor lost of a container on either image, or ""."""
    traces = (*pair.before.watched, *pair.after.watched)
    return completeness(trace.sensor.losses for trace in traces).sentence()


def _health(pair: Pair, causes: Causes) -> Iterator[Deviation]:
    before, after = pair.before.did, pair.after.did
    if isinstance(before, WorkloadResult) and isinstance(after, WorkloadResult):
        yield from compare_health(pair.where, before.health, after.health, causes)


def _results(pair: Pair) -> list[tuple[WorkloadResult, WorkloadResult]]:
    runs = ((run.before.did, run.after.did) for run in pair.runs)
    return [
        (one, two)
        for one, two in runs
        if isinstance(one, WorkloadResult) and isinstance(two, WorkloadResult)
    ]


def _answered(pair: Pair) -> list[tuple[Explored, Explored]]:
    """Return the runs in which both images or neither became ready."""
    # In the other runs all tries differ, for one reason.
    runs = (
        (run.before.did, run.after.did) for run in pair.runs if run.before.ready == run.after.ready
    )
    return [
        (one, two) for one, two in runs if isinstance(one, Explored) and isinstance(two, Explored)
    ]


def _compared(
    shared: Sequence[Pair], original: Rootfs, cut: Sequence[Deviation], unsure: Inconclusive
) -> Compared:
    workloads = [pair.before.did for pair in shared if isinstance(pair.before.did, WorkloadResult)]
    experiments = [pair.before.did for pair in shared if isinstance(pair.before.did, Explored)]
    answered = [runs[0][0] for pair in shared if (runs := _answered(pair))]
    passed_over = [
        f"{pair.where}: output before its last 16 MiB"
        for pair in shared
        if max(len(pair.before.did.logs), len(pair.after.did.logs)) > LONGEST
    ]
    passed_over += [
        f"{item.experiment}: answers after the first {MOST_ANSWERS}"
        for item in experiments
        if len(item.answers) > MOST_ANSWERS
    ]
    passed_over += [
        f"{item.workload}: requests after the first {MOST_REQUESTS}"
        for item in workloads
        if len(item.exchanges) > MOST_REQUESTS
    ]
    passed_over += [
        f"{pair.where}: {brief(pair.before.did.skipped)}"
        for pair in shared
        if isinstance(pair.before.did, Explored) and pair.before.did.skipped
    ]
    passed_over += [
        f"{pair.where}: libraries and look-ups that were not seen: {unseen}"
        for pair in shared
        if (unseen := _unseen(pair))
    ]
    passed_over += unsure.not_compared
    if cut:
        passed_over.append(f"{len(cut)} more differences than are listed")
    return Compared(
        cases=sum(number_of_cases(result) for result in workloads),
        answers=max(
            sum(min(len(item.answers), MOST_ANSWERS) for item in answered) - unsure.late, 0
        ),
        experiments=len(experiments),
        requests=sum(min(len(result.exchanges), MOST_REQUESTS) for result in workloads),
        lines=sum(pair.after.did.logs.count("\n") for pair in shared),
        libraries=len(frozenset().union(*(loaded(pair.before.trace, original) for pair in shared))),
        passed_over=tuple(passed_over),
        noise=tuple(unsure.noise),
    )
