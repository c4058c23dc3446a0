"""Verify that the new image is as planned, loads, and behaves as the original."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.model.plan import Plan
from careen.model.runs.engine import PreparedImage
from careen.model.runs.exploration import Explored
from careen.model.runs.noise import noise_remover
from careen.model.runs.workload import RunOptions
from careen.model.verdict import Verdict
from careen.oci.image import Image
from careen.oci.validate import validate_image
from careen.pipeline.profiling.explore import Exploration, First, explore_again
from careen.pipeline.profiling.observe import Observation, Subject, observe_all
from careen.pipeline.profiling.profile import runnable
from careen.pipeline.proof.rounds import ROUNDS, Ready, choose, run_round
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.pipeline.run.stripping import declared_edits
from careen.rewrite.consistency import check_databases
from careen.verify.behaviour import NOTHING_COMPARED, Behaviour, Images, compare_behaviour
from careen.verify.bodies.normal import Noise
from careen.verify.outside import changes_outside_plan
from careen.verify.sides import Ran, Round, Side
from careen.verify.structure import config_differences
from careen.workload.context import nothing


@dataclass(frozen=True, slots=True)
class Candidate:
    """A new image, with its plan and its original."""

    original: Examined
    plan: Plan
    result: Examined


def load(image: Image, engine: ClientEngine | EmbeddedEngine) -> PreparedImage:
    """Make the new image runnable, without a name."""
    if isinstance(engine, EmbeddedEngine):
        return engine.prepare(image)
    return engine.load_image(image)


@contextmanager
def loading(image: Image, session: Session) -> Iterator[Future[PreparedImage]]:
    """Load the new image while the block runs; discard it if the block raises."""
    # Checks use this process, loading uses the engine: together they take half as long.
    image.rootfs()  # both read it
    with ThreadPoolExecutor(max_workers=1) as aside:
        loaded = aside.submit(load, image, session.engine)
        try:
            yield loaded
        except BaseException:
            if loaded.exception() is None:
                session.engine.discard(loaded.result())
            raise


def inspect_candidate(candidate: Candidate, session: Session) -> Verdict:
    """Check everything that needs no run.

    These are structure, configuration, package databases, and changes outside the plan.
    """
    original, result = candidate.original, candidate.result
    session.say("validating the new image")
    structure = list(validate_image(result.image, rehash=False))
    session.say("comparing every kept file with the original")
    declared = declared_edits(original, candidate.plan, session)
    outside = changes_outside_plan(original.rootfs, result.rootfs, candidate.plan, declared)
    session.say("checking the package databases against the files")
    structure += [
        f"package database: {breach}"
        for breach in check_databases(result.rootfs, result.inventory, original.rootfs)
    ]
    config = config_differences(original.image.config, result.image.config)
    return Verdict((), (), tuple(structure), outside, config, declared=declared)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Behaviour of the original; `noise` are regular expressions of what may differ."""

    observations: tuple[Observation, ...]
    exploration: Exploration | None = None
    noise: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdict, and what the new image did; `found` is the comparison behind it.

    `prepared` is None if the image was not loaded; the caller promotes or discards it.
    """

    verdict: Verdict
    prepared: PreparedImage | None
    observations: tuple[Observation, ...] = ()
    explored: tuple[Explored, ...] = ()
    found: Behaviour = NOTHING_COMPARED


def verify(
    candidate: Candidate,
    loaded: Future[PreparedImage],
    baseline: Baseline,
    log_directory: Path | None,
    session: Session,
) -> Proof:
    """Run the same workloads and experiments on the new image and compare.

    `loaded` is what became of loading it (`loading`). Only an image whose bytes are as planned is
    run. Differences are run again on both images at the same time. A difference that does not
    recur, or that also occurs between runs of the original, is noise. Raises InputError for noise
    that is not a regular expression.
    """
    noise_remover(baseline.noise)
    verdict = inspect_candidate(candidate, session)
    if verdict.breaches():
        if loaded.exception() is None:
            session.engine.discard(loaded.result())
        return Proof(verdict, None)
    session.say("loading the new image")
    prepared = loaded.result()
    proof = _beyond_noise(
        candidate,
        behave(candidate, prepared, baseline, log_directory, session),
        baseline,
        session,
    )
    return replace(
        proof,
        verdict=replace(
            proof.verdict,
            structure=verdict.structure,
            outside=verdict.outside,
            config=verdict.config,
            declared=verdict.declared,
        ),
    )


def behave(
    candidate: Candidate,
    prepared: PreparedImage,
    baseline: Baseline,
    log_directory: Path | None,
    session: Session,
) -> Proof:
    """Run the baseline's workloads, then its experiments, and compare the behaviour.

    The verdict is on behaviour only. If a workload never becomes ready, no experiment is run.
    """
    subject = Subject(prepared, candidate.result.image.config, log_directory)
    after, explored = _run_all(subject, baseline, session)
    session.say("comparing how both images behaved")
    results = (
        tuple(seen.result for seen in baseline.observations),
        tuple(seen.result for seen in after),
    )
    proof = Proof(Verdict(*results), prepared, after, explored or ())
    found = _compare(candidate, baseline, proof)
    verdict = replace(
        proof.verdict, vain=found.vain, deviations=found.deviations, compared=found.compared
    )
    return replace(proof, verdict=verdict, found=found)


class _NeverReadyError(Exception):
    """A workload never became ready."""


def _shares_nothing(run: RunOptions) -> bool:
    """Return whether what a container does at its stop can be noticed in no other one."""
    alone = run.network in (None, "bridge", "none") and run.compose is None and run.gpus is None
    return alone and not run.volumes


def _run_all(
    subject: Subject, baseline: Baseline, session: Session
) -> tuple[tuple[Observation, ...], tuple[Explored, ...] | None]:
    """Run the workloads, then the experiments; None if a workload never becomes ready."""
    workloads = [seen.workload for seen in baseline.observations]
    if baseline.exploration is None:
        return observe_all(subject, workloads, session.engine, session), None
    after: list[Observation] = []

    def work(go_on: Callable[[], None]) -> None:
        # A stop takes seconds, and no test looks at the machine any more.
        # After a flaky failure there may be none: they have been repeated already.
        tested = go_on if workloads and _shares_nothing(workloads[-1].run) else nothing
        after.extend(observe_all(subject, workloads, session.engine, session, tested))
        # Experiments are the workload under harder conditions, and each would wait as long.
        if not all(seen.result.passed or seen.result.ready_seconds is not None for seen in after):
            raise _NeverReadyError

    peaks = tuple(seen.result.memory_peak for seen in baseline.observations)
    explored: tuple[Explored, ...] | None = None
    with suppress(_NeverReadyError):
        explored = explore_again(
            baseline.exploration,
            subject.prepared,
            subject.config,
            subject.log_directory,
            session,
            First(work, peaks),
        )
    return tuple(after), explored


def _beyond_noise(
    candidate: Candidate, proof: Proof, baseline: Baseline, session: Session
) -> Proof:
    """Run differences again on both images, at most three times, and drop the noise."""
    if proof.prepared is None:
        return proof
    found = proof.found
    rounds: list[Round] = []
    # A failed workload is repaired, and then everything is verified again.
    most = ROUNDS if all(seen.result.passed for seen in proof.observations) else 1
    with ExitStack() as stack:
        ready: Ready | None = None
        while len(rounds) < most and (
            chosen := choose(
                found, baseline.observations, _explored_twice(baseline, proof), len(rounds) + 1
            )
        ):
            if ready is None:
                original = stack.enter_context(runnable(candidate.original, session))
                ready = Ready(
                    original,
                    proof.prepared,
                    candidate.original.image.config,
                    candidate.result.image.config,
                )
            rounds.append(
                run_round(
                    chosen,
                    baseline.observations,
                    baseline.exploration,
                    ready,
                    len(rounds) + 1,
                    session,
                )
            )
            found = _compare(candidate, baseline, proof, rounds)
    verdict = replace(proof.verdict, deviations=found.deviations, compared=found.compared)
    return replace(proof, verdict=verdict, found=found)


def _explored_twice(baseline: Baseline, proof: Proof) -> Exploration | None:
    return baseline.exploration if proof.explored else None


def _compare(
    candidate: Candidate, baseline: Baseline, proof: Proof, rounds: Sequence[Round] = ()
) -> Behaviour:
    images = Images(candidate.original.rootfs, candidate.result.rootfs)
    original = baseline.exploration.original if baseline.exploration is not None else None
    sides = (
        _side(baseline.observations, original),
        _side(proof.observations, proof.explored or None),
    )
    return compare_behaviour(*sides, images, Noise(baseline.noise), rounds)


def _side(observations: Sequence[Observation], explored: tuple[Explored, ...] | None) -> Side:
    return Side(tuple(Ran(seen.result, seen.trace, seen.others) for seen in observations), explored)
