"""Explore an image without and under its policy, and compare the answers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from careen.model.policies.proof import ExploredUnder
from careen.model.runs.exploration import Effort, Explored
from careen.model.runs.workload import Workload
from careen.pipeline.confining.options import Applied, confined
from careen.pipeline.profiling.explore import Exploration, explore_again, explore_original
from careen.pipeline.profiling.observe import Subject, observe_all
from careen.pipeline.profiling.profile import require_passed
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined

_SHOWN = 20


def explore_under(
    examined: Examined,
    subject: Subject,
    applied: Applied,
    workloads: Sequence[Workload],
    session: Session,
) -> ExploredUnder:
    """Run careen's experiments without the policy, then under it.

    An answer differs if its status differs in two tries. Experiments with another user are left
    out: the policy has its own. Raises WorkloadError if the tests fail without the policy.
    """
    session.say("exploring without the policy")
    observations = observe_all(subject, workloads, session.engine, session)
    require_passed(observations)
    before = explore_original(examined, subject.prepared, observations, Effort.SAFE, None, session)
    before = _of_users(before, {workload.run.user for workload in workloads})
    differing: tuple[str, ...] = ()
    tried = _confined(before, applied)
    for _ in range(2):
        session.say("exploring under the policy")
        after = explore_again(tried, subject.prepared, subject.config, None, session)
        differing = tuple(differences_of(tried.original, after))
        tried = _only(tried, {text.partition(": ")[0] for text in differing})
        if not differing:
            break
    answers = sum(len(each.answers) for each in before.original)
    return ExploredUnder(len(before.experiments), answers, differing[:_SHOWN], len(differing))


def _of_users(exploration: Exploration, users: set[str | None]) -> Exploration:
    return _filtered(
        exploration,
        [experiment.workload.run.user in users for experiment in exploration.experiments],
    )


def _only(exploration: Exploration, ids: set[str]) -> Exploration:
    return _filtered(exploration, [experiment.id in ids for experiment in exploration.experiments])


def _filtered(exploration: Exploration, kept: Iterable[bool]) -> Exploration:
    flags = tuple(kept)
    return Exploration(
        tuple(each for each, keep in zip(exploration.experiments, flags, strict=True) if keep),
        tuple(each for each, keep in zip(exploration.original, flags, strict=True) if keep),
    )


def _confined(exploration: Exploration, applied: Applied) -> Exploration:
    experiments = tuple(
        replace(
            experiment,
            workload=replace(experiment.workload, run=confined(experiment.workload.run, applied)),
        )
        for experiment in exploration.experiments
    )
    return replace(exploration, experiments=experiments)


def differences_of(before: Sequence[Explored], after: Sequence[Explored]) -> Iterator[str]:
    """Yield a line for each answer with another status, and each container that does not start."""
    for one, other in zip(before, after, strict=True):
        if one.ready_seconds is not None and other.ready_seconds is None:
            why = other.skipped or "it does not become ready"
            yield f"{one.experiment}: under the policy {why}"
            continue
        found = {answer.id: answer for answer in other.answers}
        for answer in one.answers:
            there = found.get(answer.id)
            status = there.status if there is not None else None
            if status != answer.status:
                yield f"{one.experiment}: {answer.id}: {answer.status}, under the policy {status}"
