"""State of a repair: what is known, what fails, and whether a plan is enough."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.model.runs.behaviour import Weight
from careen.model.runs.workload import WorkloadResult
from careen.model.verdict import Verdict
from careen.pipeline.proof.attempts import Attempts
from careen.pipeline.proof.verify import Proof
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices
from careen.pipeline.run.source import Examined
from careen.repair.attribution import failing_names, is_about
from careen.repair.suspect import Suspect
from careen.repair.would_keep import Alternative


@dataclass(slots=True)
class Case:
    """State of a repair.

    `earlier` are the suspects of each attempt, oldest first. `asked` are repeated workloads with
    their failing tests. `wider` makes the plans of wider levels, narrowest first. `narrow` are the
    proofs of failing tests that were run alone on the round's image, by workload.
    """

    original: Examined
    bom: RuntimeBom
    choices: PlanChoices
    attempts: Attempts
    wider: Callable[[], Iterable[Alternative]] = tuple
    earlier: list[tuple[Suspect, ...]] = field(default_factory=list)
    asked: set[tuple[str, frozenset[str] | None]] = field(default_factory=set)
    narrow: dict[str, Proof] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return self.attempts.session


def failing_tests(verdict: Verdict) -> dict[str, frozenset[str]]:
    """Return the failing test commands of each workload that also has passing ones.

    A workload that fails as a whole, or by none of its tests, is not named; flaky tests count as
    passing.
    """
    out: dict[str, frozenset[str]] = {}
    for before, after in zip(verdict.original, verdict.hardened, strict=False):
        commands = _failed(verdict, before, after)
        if commands and commands != {test.test.command for test in after.tests}:
            out[after.workload] = commands
    return out


def failed_commands(verdict: Verdict, workload: str) -> frozenset[str] | None:
    """Return the test commands that a workload fails by; None if by none, or as a whole."""
    found = next(
        (
            (one, two)
            for one, two in zip(verdict.original, verdict.hardened, strict=False)
            if two.workload == workload
        ),
        None,
    )
    return (_failed(verdict, *found) or None) if found is not None else None


def _failed(verdict: Verdict, before: WorkloadResult, after: WorkloadResult) -> frozenset[str]:
    pairs = zip(before.tests, after.tests, strict=False)
    failed = [
        two
        for one, two in pairs
        if (not two.passed or (two.cases or 0) < (one.cases or 0))
        and not verdict.is_flaky(after.workload, two)
    ]
    as_a_whole = not after.passed and after.reason not in {test.reason for test in after.tests}
    return frozenset() if as_a_whole else frozenset(test.test.command for test in failed)


def deviates(verdict: Verdict, workload: str) -> bool:
    """Return whether a workload fails by more than test cases, such as its exit or output."""
    return any(
        item.weight is Weight.FAILURE and item.kind != "case" and is_about(item, workload)
        for item in verdict.steady()
    )


def failing(case: Case, proof: Proof) -> tuple[str, ...]:
    """Return the workloads and experiments that fail; those that did not run do not count."""
    return failing_names(proof.verdict, case.attempts.names())


def enough(case: Case, plan: Plan, names: Collection[str]) -> bool:
    """Return whether the workloads and experiments pass on a trial image of the plan."""
    case.session.say(f"trial {case.attempts.used + 1}: without {len(plan.remove):,} paths")
    return not failing(case, case.attempts.behaviour(plan, names))
