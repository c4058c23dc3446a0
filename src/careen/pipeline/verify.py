"""Verify: the new image is what was planned, loads, and does what the original did."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from careen.engines.docker import DockerEngine
from careen.engines.runc import EmbeddedEngine
from careen.model.engine import PreparedImage
from careen.model.exploration import Explored
from careen.model.noise import noise_remover
from careen.model.plan import Plan
from careen.model.verdict import Verdict
from careen.oci.image import Image
from careen.oci.validate import validate_image
from careen.pipeline.explore import Exploration, explore_again
from careen.pipeline.observe import Observation, Subject, observe_all
from careen.pipeline.profile import runnable
from careen.pipeline.session import Session
from careen.pipeline.source import Examined
from careen.rewrite.consistency import check_databases
from careen.rewrite.databases import database_edits
from careen.verify.behaviour import Images, compare_behaviour
from careen.verify.confirm import confirmed, to_repeat
from careen.verify.normal import Noise
from careen.verify.outside import changes_outside_plan
from careen.verify.sides import Ran, Side
from careen.verify.structure import config_differences


@dataclass(frozen=True, slots=True)
class Candidate:
    """A new image with the plan that it comes from, beside its original."""

    original: Examined
    plan: Plan
    result: Examined


def load(image: Image, engine: DockerEngine | EmbeddedEngine) -> PreparedImage:
    """Make the new image runnable, under no name."""
    if isinstance(engine, EmbeddedEngine):
        return engine.prepare(image)
    return engine.load_image(image)


def inspect_candidate(candidate: Candidate, session: Session) -> Verdict:
    """Check everything that needs no run: structure, configuration, package databases, and that nothing changed outside the plan."""
    original, result = candidate.original, candidate.result
    session.say("validating the new image")
    structure = list(validate_image(result.image))
    session.say("comparing every kept file with the original")
    rewritten = database_edits(original.rootfs, original.inventory, candidate.plan)
    outside = changes_outside_plan(original.rootfs, result.rootfs, candidate.plan, rewritten.keys())
    session.say("checking the package databases against the files")
    structure += [f"package database: {breach}" for breach in check_databases(result.rootfs, result.inventory, original.rootfs)]
    config = config_differences(original.image.config, result.image.config)
    return Verdict((), (), tuple(structure), outside, config)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the original did: the workloads' observations, the exploration if there was one, and regular expressions of what may differ in answers and logs."""

    observations: tuple[Observation, ...]
    exploration: Exploration | None = None
    noise: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdict, the image as the engine holds it (None if it was not even loaded; the caller promotes or discards it), and what the new image did."""

    verdict: Verdict
    prepared: PreparedImage | None
    observations: tuple[Observation, ...] = ()
    explored: tuple[Explored, ...] = ()


def verify(candidate: Candidate, baseline: Baseline, log_directory: Path | None, session: Session) -> Proof:
    """Run the same workloads and experiments on the new image and compare.

    The workloads are run only on an image whose bytes are as planned. An experiment that fails is made once more on both images, and what did not happen again,
    or happens on the original, too, is no failure.
    Raises InputError for noise that is no regular expression.
    """
    noise_remover(baseline.noise)
    verdict = inspect_candidate(candidate, session)
    if verdict.breaches():
        return Proof(verdict, None)
    session.say("loading the new image")
    prepared = load(candidate.result.image, session.engine)
    try:
        proof = _confirm(candidate, behave(candidate, prepared, baseline, log_directory, session), baseline, session)
    except BaseException:
        session.engine.discard(prepared)
        raise
    return replace(proof, verdict=replace(proof.verdict, structure=verdict.structure, outside=verdict.outside, config=verdict.config))


def behave(candidate: Candidate, prepared: PreparedImage, baseline: Baseline, log_directory: Path | None, session: Session) -> Proof:
    """Run the baseline's workloads, then its experiments, on the new image, and compare all that both images did; the verdict is on behaviour alone.

    A workload that never gets ready ends it: the experiments are that workload under harder conditions, and each would wait as long.
    """
    subject = Subject(prepared, candidate.result.image.config, log_directory)
    after = observe_all(subject, [seen.workload for seen in baseline.observations], session.engine, session)
    explored: tuple[Explored, ...] | None = None
    if baseline.exploration is not None and all(seen.result.passed or seen.result.ready_seconds is not None for seen in after):
        explored = explore_again(baseline.exploration, prepared, subject.config, log_directory, session)
    session.say("comparing how both images behaved")
    images = Images(candidate.original.rootfs, candidate.result.rootfs)
    original = baseline.exploration.original if baseline.exploration is not None else None
    found = compare_behaviour(_side(baseline.observations, original), _side(after, explored), images, Noise(baseline.noise))
    results = tuple(seen.result for seen in baseline.observations), tuple(seen.result for seen in after)
    return Proof(Verdict(*results, vain=found.vain, deviations=found.deviations, compared=found.compared), prepared, after, explored or ())


def _confirm(candidate: Candidate, proof: Proof, baseline: Baseline, session: Session) -> Proof:
    """Make the experiments that fail (if they are few) once more on the new image; where they fail again, on the original, too. Take back what was chance."""
    chosen = to_repeat(proof.verdict.deviations, proof.explored)
    if baseline.exploration is None or proof.prepared is None or not chosen:
        return proof
    session.say("repeating the experiments that fail")
    exploration = baseline.exploration
    part = replace(exploration, experiments=tuple(exploration.experiments[i] for i in chosen), original=tuple(exploration.original[i] for i in chosen))
    second = behave(candidate, proof.prepared, replace(baseline, observations=(), exploration=part), None, session)
    deviations = confirmed(proof.verdict.deviations, second.verdict.deviations, tuple(zip(part.original, second.explored, strict=True)))
    if to_repeat(deviations, part.original):
        session.say("repeating the experiments that fail on the original")
        with runnable(candidate.original, session) as prepared:
            original = explore_again(part, prepared, candidate.original.image.config, None, session)
        images = Images(candidate.original.rootfs, candidate.result.rootfs)
        third = compare_behaviour(Side((), original), Side((), second.explored), images, Noise(baseline.noise)).deviations
        deviations = confirmed(deviations, third, tuple(zip(original, second.explored, strict=True)))
    return replace(proof, verdict=replace(proof.verdict, deviations=deviations))


def _side(observations: Sequence[Observation], explored: tuple[Explored, ...] | None) -> Side:
    return Side(tuple(Ran(seen.result, seen.trace, seen.others) for seen in observations), explored)
