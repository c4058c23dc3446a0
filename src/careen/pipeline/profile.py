"""Observe: what `careen profile` does with an image: run its workloads and experiments, and say how
far that can be trusted.
"""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from careen.model.adequacy import Adequacy
from careen.model.engine import PreparedImage
from careen.model.exploration import Effort
from careen.model.rbom import RunKind, RuntimeBom
from careen.model.workload import Workload, WorkloadResult
from careen.pipeline.profiling.adequacy import measure_adequacy
from careen.pipeline.profiling.explore import Exploration, explore_original, with_exploration
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.profiling.profile import Profile, make_profile, run_original, runnable
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices
from careen.pipeline.run.source import Examined, examine, open_source


@dataclass(frozen=True, slots=True)
class Observed:
    """The RBOM of workloads and experiments together, the workloads' results, and the profile's
    adequacy.
    """

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
    """Run the workloads on an image under the sensor, then the experiments. Raises WorkloadError
    when the workloads fail.
    """
    session.require_means()
    with ExitStack() as opened:
        with session.stage("inspect"):
            examined = examine(opened.enter_context(open_source(image, session)), session)
        with session.stage("profile"):
            prepared = opened.enter_context(runnable(examined, session))
            observations = run_original(
                Subject(prepared, examined.image.config, log_directory), workloads, session
            )
            seen = make_profile(examined, observations, session)
        exploration, bom = look_further(
            Original(examined, prepared, log_directory), seen, effort, session
        )
        with session.stage("plan"):
            # the plan of the default level says what hangs on what was not exercised
            plan = make_plan(examined, bom, PlanChoices()) if bom.completeness.complete else None
            adequacy = measure_adequacy(examined, seen, exploration, plan)
        return Observed(
            scored(bom, adequacy), tuple(each.result for each in observations), adequacy
        )


@dataclass(frozen=True, slots=True)
class Original:
    """The image that is explored, as the engine runs it, and where the logs of that go (None:
    nowhere).
    """

    examined: Examined
    prepared: PreparedImage
    log_directory: Path | None


def look_further(
    original: Original, seen: Profile, effort: Effort, session: Session
) -> tuple[Exploration | None, RuntimeBom]:
    """Explore after a profile (stage `explore`); return None with `Effort.OFF`, and the RBOM of
    workloads and experiments together.
    """
    if effort is Effort.OFF:
        return None, seen.bom
    with session.stage("explore"):
        exploration = explore_original(
            original.examined, original.prepared, seen, effort, original.log_directory, session
        )
        return exploration, with_exploration(seen.bom, exploration, original.examined, session)


def scored(bom: RuntimeBom, adequacy: Adequacy) -> RuntimeBom:
    """Write the score into the runs that it is of: whoever plans from the RBOM alone has it
    then.
    """
    return replace(
        bom,
        runs=tuple(
            replace(run, adequacy=adequacy.score) if run.kind is RunKind.WORKLOAD else run
            for run in bom.runs
        ),
    )
