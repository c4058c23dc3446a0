"""Run the workloads and experiments of an image, and measure the adequacy of the profile."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from careen.model.adequacy import Adequacy
from careen.model.rbom import RunKind, RuntimeBom
from careen.model.runs.engine import PreparedImage
from careen.model.runs.exploration import Effort
from careen.model.runs.workload import Workload, WorkloadResult
from careen.pipeline.profiling.adequacy import measure_adequacy
from careen.pipeline.profiling.explore import Exploration, explore_original, with_exploration
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.profiling.profile import Profile, make_profile, run_original, runnable
from careen.pipeline.run.known_plans import known_plan
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices
from careen.pipeline.run.source import Examined, examine, open_source


@dataclass(frozen=True, slots=True)
class Observed:
    """RBOM of workloads and experiments, results of the workloads, and the profile's adequacy."""

    bom: RuntimeBom
    results: tuple[WorkloadResult, ...]
    adequacy: Adequacy


def observe_image(
    image: str,
    workloads: tuple[Workload, ...],
    effort: Effort,
    log_directory: Path | None,
    session: Session,
) -> Observed:
    """Run the workloads on an image under the sensor, then the experiments.

    Raises WorkloadError if a workload fails.
    """
    session.require_engine_and_sensor()
    with ExitStack() as opened:
        with session.stage("inspect"):
            examined = examine(opened.enter_context(open_source(image, session)), session)
        with session.stage("profile"):
            prepared = opened.enter_context(runnable(examined, session))
            observations = run_original(
                Subject(prepared, examined.image.config, log_directory), workloads, session
            )
            seen = make_profile(examined, observations, session)
        exploration, bom = explore_after_profile(
            Original(examined, prepared, log_directory), seen, effort, session
        )
        with session.stage("plan"):
            # The plan at the default level shows what depends on code that was not exercised.
            plan = (
                known_plan(examined, bom, PlanChoices(), session)
                if bom.completeness.complete
                else None
            )
            adequacy = measure_adequacy(examined, seen, exploration, plan)
        return Observed(
            scored(bom, adequacy), tuple(each.result for each in observations), adequacy
        )


@dataclass(frozen=True, slots=True)
class Original:
    """The image to explore, prepared for the engine; `log_directory` None keeps no logs."""

    examined: Examined
    prepared: PreparedImage
    log_directory: Path | None


def explore_after_profile(
    original: Original, seen: Profile, effort: Effort, session: Session
) -> tuple[Exploration | None, RuntimeBom]:
    """Explore after a profile (stage `explore`); return the exploration and the RBOM of both.

    With `Effort.OFF` the exploration is None and the RBOM unchanged.
    """
    if effort is Effort.OFF:
        return None, seen.bom
    with session.stage("explore"):
        exploration = explore_original(
            original.examined, original.prepared, seen, effort, original.log_directory, session
        )
        return exploration, with_exploration(seen.bom, exploration, original.examined, session)


def scored(bom: RuntimeBom, adequacy: Adequacy) -> RuntimeBom:
    """Return the RBOM with the adequacy score in each workload run."""
    # A later plan from the RBOM alone then has the score.
    return replace(
        bom,
        runs=tuple(
            replace(run, adequacy=adequacy.score) if run.kind is RunKind.WORKLOAD else run
            for run in bom.runs
        ),
    )
