"""The evidence of the original: its workloads, held-out tests, and experiments."""

from contextlib import ExitStack, nullcontext

from careen.model.rbom import RuntimeBom
from careen.model.verdict import Verdict
from careen.pipeline.findings.contents import Contents
from careen.pipeline.hardening.request import HardenRequest, write_verdict
from careen.pipeline.profile import Original, explore_after_profile
from careen.pipeline.profiling.carry import carry
from careen.pipeline.profiling.explore import Exploration
from careen.pipeline.profiling.observe import Observation, Subject
from careen.pipeline.profiling.profile import (
    Profile,
    make_profile,
    require_passed,
    run_original,
    runnable,
)
from careen.pipeline.run.session import Session
from careen.plan.decide import require_complete
from careen.rbom.merge import merge

Observed = tuple[Profile, tuple[Observation, ...], Exploration | None, RuntimeBom]


def observe_original(request: HardenRequest, contents: Contents, session: Session) -> Observed:
    """Run the workloads on the original, then the held-out tests, then the experiments.

    The RBOM covers workloads and experiments; held-out tests only verify. With a database, the
    image's contents are searched for beside the workloads.
    """
    original = contents.examined
    logs = request.report_directory / "logs" / "original"
    with ExitStack() as running:
        with session.stage("profile"):
            prepared = running.enter_context(runnable(original, session))
            subject = Subject(prepared, original.image.config, logs)
            with contents.searched_beside() if request.database is not None else nullcontext():
                observations = run_original(subject, request.workloads, session)
            if not request.dry_run:
                write_verdict(request, Verdict(tuple(seen.result for seen in observations), ()))
            require_passed(observations)
            held = run_original(
                subject,
                [workload.only_held_out() for workload in request.workloads if workload.held_out],
                session,
            )
            require_passed(held)
            seen = make_profile(original, observations, session)
        require_complete(seen.bom)  # before the minutes of exploration
        if request.explored is not None:
            carried, share = carry(request.explored, original)
            session.progress.note(
                f"exploration of {request.explored.image.reference}: {share.sentence()}; not run"
                " again"
            )
            return seen, held, None, merge((seen.bom, carried))
        return (
            seen,
            held,
            *explore_after_profile(
                Original(original, prepared, logs), seen, request.proof.effort, session
            ),
        )
