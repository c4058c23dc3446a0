"""Trial images of repair: built from a plan, run with what fails only, and removed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import BinaryIO

from careen.model.entry import Entry
from careen.model.paths import ImagePath, ancestors
from careen.model.plan import Plan, Reason
from careen.model.repair import Flaky
from careen.model.runs.engine import PreparedImage
from careen.model.runs.workload import WorkloadResult
from careen.oci.changes.append import restore_files
from careen.oci.changes.edit import HistoryNote, LayerCache
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.profiling.observe import Observation, Subject, observe_all
from careen.pipeline.profiling.profile import runnable
from careen.pipeline.proof.verify import Baseline, Candidate, Proof, behave, load
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.pipeline.run.stripping import make_stripped
from careen.plan.core import restored
from careen.repair.attribution import EXPLORED, Heard, experiment_output, workload_output

MAX_TRIALS = 60
"""Trial images in one repair, over all its rounds."""
MAX_BELOW = 100
"""Layers that a trial image may have below its own; docker runs at most 127."""
SLACK, PATIENT = 20.0, 3.0
"""Limit of a trial to become ready, and per test: seconds plus multiples of the original's time."""


@dataclass(slots=True)
class Attempts:
    """Makes and runs trial images of one original.

    `memory` keeps layers that do not change; `used` counts the images; `flaky` tests are ignored.
    `focus` names, per workload, the only test commands that a trial runs. `round` is the image
    being repaired; a trial that keeps more is a layer on top of it.
    """

    original: Examined
    baseline: Baseline
    session: Session
    memory: LayerCache = field(default_factory=LayerCache)
    used: int = 0
    flaky: list[Flaky] = field(default_factory=list)
    focus: Mapping[str, frozenset[str]] = field(default_factory=dict)
    round: Candidate | None = None

    @property
    def left(self) -> int:
        return max(0, MAX_TRIALS - self.used)

    def names(self) -> tuple[str, ...]:
        """Return the names of all workloads and experiments."""
        experiments = (
            self.baseline.exploration.experiments if self.baseline.exploration is not None else ()
        )
        return (
            *(seen.workload.name for seen in self.baseline.observations),
            *(f"{EXPLORED}{item.id}" for item in experiments),
        )

    def behaviour(self, plan: Plan, names: Collection[str]) -> Proof:
        """Build the plan's image, run the named workloads and experiments, and compare.

        Of a workload in `focus` only those tests are run. The image is removed afterwards
        (`prepared` is None). On a layer over the round's image, rewritten files such as package
        databases stay the round's.
        """
        self.used += 1
        with self._image(plan) as image:
            seen = Examined(
                image,
                left_over(self.original.rootfs, plan.keep),
                self.original.inventory,
                self.original.measure,
            )
            candidate = Candidate(self.original, plan, seen)
            prepared = load(image, self.session.engine)
            try:
                return replace(
                    self._run(candidate, prepared, self._part(names, self.focus)), prepared=None
                )
            finally:
                self.session.engine.discard(prepared)

    def _image(self, plan: Plan) -> Image:
        done = self.round
        if (
            done is None
            or not plan.keep.keys() > done.plan.keep.keys()
            or len(done.result.image.layers) >= MAX_BELOW
        ):
            return make_stripped(self.original, plan, self.session, self.memory)
        back = plan.keep.keys() - done.plan.keep.keys()
        self.session.say(f"restoring {len(back):,} paths to the image")
        return restore_files(
            done.result.image,
            self.original.image,
            back,
            HistoryNote("careen: a trial"),
            done.result.image.config.document["created"],
        )

    def again(
        self,
        candidate: Candidate,
        prepared: PreparedImage,
        names: Collection[str],
        focus: Mapping[str, frozenset[str]] = MappingProxyType({}),
    ) -> Proof:
        """Run the named workloads and experiments on a loaded image, and compare.

        Of a workload in `focus` only those tests are run.
        """
        return self._run(candidate, prepared, self._part(names, focus))

    def _run(self, candidate: Candidate, prepared: PreparedImage, part: Baseline) -> Proof:
        proof = behave(candidate, prepared, part, None, self.session)
        return replace(proof, verdict=replace(proof.verdict, flaky=tuple(self.flaky)))

    def on_original(self, name: str, times: int) -> tuple[WorkloadResult, ...]:
        """Run one workload on the original again, at most `times` times, to the first failure."""
        workload = next(
            seen.workload for seen in self.baseline.observations if seen.workload.name == name
        )
        out: list[WorkloadResult] = []
        with runnable(self.original, self.session) as prepared:
            subject = Subject(prepared, self.original.image.config, None)
            while len(out) < times and all(result.passed for result in out):
                self.session.say(
                    f"workload {name}: once more on the original ({len(out) + 1} of {times})"
                )
                out += [
                    seen.result
                    for seen in observe_all(subject, (workload,), self.session.engine, self.session)
                ]
        return tuple(out)

    def _part(self, names: Collection[str], focus: Mapping[str, frozenset[str]]) -> Baseline:
        exploration = self.baseline.exploration
        if exploration is not None:
            chosen = [
                pair
                for pair in zip(exploration.experiments, exploration.original, strict=True)
                if f"{EXPLORED}{pair[0].id}" in names
            ]
            exploration = (
                replace(
                    exploration,
                    experiments=tuple(one for one, _ in chosen),
                    original=tuple(two for _, two in chosen),
                )
                if chosen
                else None
            )
        chosen_ones = (seen for seen in self.baseline.observations if seen.workload.name in names)
        observations = tuple(
            _impatient(_narrowed(seen, focus.get(seen.workload.name))) for seen in chosen_ones
        )
        return replace(self.baseline, observations=observations, exploration=exploration)


def _narrowed(seen: Observation, commands: Collection[str] | None) -> Observation:
    """Return the observation with these tests only; None leaves it unchanged."""
    if commands is None:
        return seen
    tests = tuple(test for test in seen.workload.tests if test.command in commands)
    results = tuple(result for result in seen.result.tests if result.test.command in commands)
    return replace(
        seen,
        workload=replace(seen.workload, tests=tests),
        result=replace(seen.result, tests=results),
    )


def _impatient(seen: Observation) -> Observation:
    """Return the observation with limits based on the original's times."""
    # A user's image may take longer than a trial image, which may hang.
    limits, took = seen.workload.limits, seen.result
    ready = min(limits.ready, SLACK + PATIENT * (took.ready_seconds or 0.0))
    test = min(limits.test, SLACK + PATIENT * took.seconds)
    return replace(
        seen, workload=replace(seen.workload, limits=replace(limits, ready=ready, test=test))
    )


def outcomes_by_name(proof: Proof) -> dict[str, Heard]:
    """Return what each workload and experiment reported on the hardened image, by name."""
    heard = {
        seen.workload.name: workload_output(seen.result, seen.traces) for seen in proof.observations
    }
    heard.update(
        (f"{EXPLORED}{explored.experiment.removeprefix(EXPLORED)}", experiment_output(explored))
        for explored in proof.explored
    )
    return heard


def with_kept(plan: Plan, paths: Iterable[ImagePath], why: str) -> Plan:
    """Return the plan with these removed paths kept, and the directories above them."""
    # Delta debugging needs exactly these paths, without a closure.
    return restored.with_kept(plan, dict.fromkeys(paths, Reason("repair", why)))


class _Kept:
    """Content of kept files, read from the original."""

    def __init__(self, original: Rootfs) -> None:
        self._original = original

    def open(self, entry: Entry) -> BinaryIO:
        return self._original.open(entry.path)


def left_over(original: Rootfs, keep: Collection[ImagePath]) -> Rootfs:
    """Return the index of a trial image, `keep` and the directories above, without reading it."""
    names = set(keep)
    for path in keep:
        for above in ancestors(path):
            if above in names:
                break
            names.add(above)
    return Rootfs({entry.path: entry for entry in original if entry.path in names}, _Kept(original))
