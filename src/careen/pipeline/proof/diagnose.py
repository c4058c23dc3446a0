"""Diagnose a failed verification.

Flaky tests are ruled out first. Then evidence is used to find removed paths that explain the
failure, and otherwise delta debugging on trial images.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from careen.model.paths import ImagePath, parent
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.model.repair import Flaky, Repair
from careen.model.runs.engine import PreparedImage
from careen.model.runs.workload import Outcome, TestResult, WorkloadResult
from careen.pipeline.proof.attempts import outcomes_by_name
from careen.pipeline.proof.repair_case import (
    Case,
    deviates,
    enough,
    failed_commands,
    failing,
    failing_tests,
)
from careen.pipeline.proof.repair_search import look_for
from careen.pipeline.proof.verify import Candidate, Proof
from careen.pipeline.run.planning import make_plan
from careen.repair.attribution import attribute
from careen.repair.choosing import PATIENCE, choose, narrow, used_but_removed, widen
from careen.repair.ddmin import NotEnoughError, Trials, isolate
from careen.repair.removed import Removed
from careen.repair.suspect import USED, Strength, Suspect, strongest
from careen.repair.used_on_original import Window, used_on_original

_Failing = Mapping[
    str, frozenset[str] | None
]  # failing workloads and experiments, and their failing tests (None: as a whole)
REPEATS = 3
"""Runs on the original in which a failing test may fail there, too."""
STEPS = 8
"""Trial images of one round that attribution may use."""
MAX_REDUCTION_TRIALS = 12
"""Trial images that may be used to reduce a set of weak suspects."""
FEW = 16
"""Most files of a listed directory that are tried one by one; of a larger one all come back."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Paths to restore: `attributed` from evidence, `searched` by delta debugging.

    If both are empty, no removed path explains the failure, and `note` says what was tried.
    """

    attributed: tuple[Suspect, ...] = ()
    searched: tuple[Suspect, ...] = ()
    note: str = ""

    @property
    def repairs(self) -> tuple[Repair, ...]:
        return tuple(
            Repair(suspect.path, suspect.why) for suspect in (*self.attributed, *self.searched)
        )


def find_flaky(case: Case, candidate: Candidate, proof: Proof) -> bool:
    """Repeat failing workloads to find flaky tests; return whether there are any.

    Each runs once more on the hardened image. If it passes there, or nothing explains the failure,
    it runs on the original. A test is flaky if it fails on the original, too, and passes on the
    hardened image at least once.
    """
    prepared = proof.prepared
    if prepared is None:
        return False
    focus = failing_tests(proof.verdict)
    failed = failing(case, proof)
    new = [
        (result, failed_commands(proof.verdict, result.workload))
        for result in proof.verdict.hardened
        if result.workload in failed
    ]
    new = [(result, tests) for result, tests in new if (result.workload, tests) not in case.asked]
    suspects = (
        _suspects(case, candidate.plan, proof) if new else ()
    )  # later rounds mostly have the same failing tests
    found = False
    for result, tests in new:
        name = result.workload
        case.asked.add((name, tests))
        strong = any(suspect.strength is Strength.STRONG for suspect in suspects)
        if strong and not result.tests:  # it never became ready: waiting again shows nothing
            continue
        case.session.say(f"workload {name}: once more on the hardened image")
        again = case.attempts.again(candidate, prepared, (name,), focus)
        if name in focus:
            case.narrow[name] = again
        if not failing(case, again) or not suspects:
            on_original = case.attempts.on_original(name, REPEATS)
            flaky = _passing_too(
                case, candidate, prepared, flaky_tests(result, on_original), again.verdict.hardened
            )
            case.attempts.flaky += flaky
            found = found or bool(flaky)
    if found:
        case.narrow = {}  # flaky tests failed there, too
    return found


def _passing_too(
    case: Case,
    candidate: Candidate,
    prepared: PreparedImage,
    flaky: tuple[Flaky, ...],
    ran: Sequence[WorkloadResult],
) -> tuple[Flaky, ...]:
    """Return the tests that passed on the hardened image at least once.

    `ran` and at most as many repetitions as on the original count.
    """
    # A test that fails sometimes on the original and always here is a real failure.
    results = [*ran]
    for number in range(REPEATS):
        left = [item for item in flaky if not any(_passed(result, item.test) for result in results)]
        if not left:
            break
        name = left[0].workload
        case.session.say(
            f"workload {name}: once more on the hardened image ({number + 1} of {REPEATS}): is the"
            " test flaky?"
        )
        results += case.attempts.again(candidate, prepared, (name,)).verdict.hardened
    return tuple(item for item in flaky if any(_passed(result, item.test) for result in results))


def flaky_tests(hardened: WorkloadResult, repeats: Sequence[WorkloadResult]) -> tuple[Flaky, ...]:
    """Return the failing tests that failed in a repetition on the original, too.

    The profiled run passed. Tests are single cases if a report names them, else commands.
    """
    failed = [
        name
        for test in hardened.tests
        if not test.passed
        for name in _failed_cases(test) or (test.test.command,)
    ]
    counts = (
        (name, 1 + sum(_passed(result, name) for result in repeats))
        for name in dict.fromkeys(failed)
    )
    return tuple(
        Flaky(hardened.workload, name, passed, len(repeats) + 1)
        for name, passed in counts
        if passed <= len(repeats)
    )


def _failed_cases(test: TestResult) -> tuple[str, ...]:
    return tuple(
        case.name for case in test.results if case.outcome in (Outcome.FAILED, Outcome.ERROR)
    )


def _passed(result: WorkloadResult, name: str) -> bool:
    commands = [
        test
        for test in result.tests
        if test.test.command == name or any(case.name == name for case in test.results)
    ]
    return bool(commands) and not any(
        name in _failed_cases(test) or (test.test.command == name and not test.passed)
        for test in commands
    )


def diagnose(case: Case, candidate: Candidate, proof: Proof) -> Diagnosis:
    """Find the removed paths that explain a failure.

    If all tests fail, strong suspects are returned at once the first time, and verification
    decides. Otherwise each choice is tried on a trial image with the failing tests, until they pass
    or there is no new suspect. Delta debugging then searches for the rest.
    """
    plan = candidate.plan
    names = failing(case, proof)
    if not names:
        return Diagnosis(note="the failure is in no workload and no experiment")
    case.attempts.focus = _narrowed(case, candidate, proof, names)
    fail = {
        name: case.attempts.focus.get(name, failed_commands(proof.verdict, name)) for name in names
    }
    chosen = _chosen(case, plan, _suspects(case, plan, proof), fail)
    case.narrow = {}
    if (
        chosen
        and not case.earlier
        and not case.attempts.focus
        and all(suspect.strength is Strength.STRONG for suspect in chosen)
    ):
        case.earlier.append(chosen)
        return Diagnosis(attributed=chosen)
    tried = _attributed(case, plan, chosen, names)
    if not tried.names or not case.attempts.left:
        return Diagnosis(attributed=tried.back)
    searched, note = look_for(
        case, tried.plan, tried.back if tried.plan is plan else (), tried.names
    )
    return Diagnosis(
        attributed=() if tried.plan is plan else tried.back, searched=searched, note=note
    )


def _narrowed(
    case: Case, candidate: Candidate, proof: Proof, names: Collection[str]
) -> dict[str, frozenset[str]]:
    """Return the failing tests of each workload that only partly fails, run alone once.

    Tests that pass alone depend on others, so they run with the whole workload. The same holds if
    the workload fails by more, such as an error in its log, and does not when they run alone.
    """
    focus = {name: tests for name, tests in failing_tests(proof.verdict).items() if name in names}
    for name in tuple(focus):
        if name not in case.narrow and proof.prepared is not None:
            case.session.say(f"workload {name}: the failed tests once more, alone")
            case.narrow[name] = case.attempts.again(candidate, proof.prepared, (name,), focus)
        if name in case.narrow and (
            not failing(case, case.narrow[name])
            or (deviates(proof.verdict, name) and not deviates(case.narrow[name].verdict, name))
        ):
            del focus[name], case.narrow[name]
        elif name in case.narrow and (twice := failed_commands(case.narrow[name].verdict, name)):
            focus[name] = twice  # a test that passes now has another cause than the rest
    return focus


def _suspects(case: Case, plan: Plan, proof: Proof) -> tuple[Suspect, ...]:
    """Return the suspects for a proof's failures."""
    removed = Removed(case.original.rootfs, plan.remove)
    # Failing tests that were run alone say more than a whole run, where passing tests miss files,
    # too.
    alone = (
        suspect
        for each in case.narrow.values()
        for suspect in attribute(each.verdict, removed, outcomes_by_name(each))
    )
    found = strongest(
        (*alone, *attribute(proof.verdict, removed, outcomes_by_name(proof), case.narrow))
    )
    return tuple(sorted(found.values(), key=lambda suspect: -suspect.strength))


def _chosen(
    case: Case, plan: Plan, suspects: Sequence[Suspect], fail: _Failing
) -> tuple[Suspect, ...]:
    """Return the paths to try next; empty if there is no new suspect."""
    removed = Removed(case.original.rootfs, plan.remove)
    # If missed paths are too few or too weak, paths used by the failing tests on the original are
    # added.
    used = tuple(_used_there(case, removed, fail))
    suspects = narrow(suspects, used)
    if case.earlier or not any(suspect.strength is Strength.STRONG for suspect in suspects):
        suspects = (*suspects, *used)
    if len(case.earlier) >= PATIENCE:
        suspects = (*suspects, *used_but_removed(_used(case.bom, fail), removed))
    chosen = choose(suspects, (old.path for attempt in case.earlier for old in attempt))
    told = {suspect.path for suspect in used if suspect.strength is Strength.STRONG}
    if any(
        suspect.how == USED or suspect.path in told for suspect in chosen
    ):  # the used paths are complete, so neighbours add nothing
        return chosen
    return widen(chosen, case.earlier, removed, case.original.inventory)


def _used_there(case: Case, removed: Removed, fail: _Failing) -> Iterator[Suspect]:
    """Yield what the failing tests used on the original, or failing workloads as a whole."""
    for seen in case.attempts.baseline.observations:
        if seen.workload.name in fail:
            commands = fail[seen.workload.name]
            ran = [
                Window(test.begun, test.seconds)
                for test in seen.result.tests
                if commands is not None and test.test.command in commands and test.begun
            ]
            yield from used_on_original(seen.traces, ran if commands is not None else None, removed)


def _used(bom: RuntimeBom, names: Collection[str]) -> dict[ImagePath, str]:
    """Return how the failing workloads used each path on the original."""
    out: dict[ImagePath, str] = {}
    for file in bom.files:
        use = next((each for each in file.uses if each.origin in names), None)
        if use is not None:
            out[file.path] = f"{use.use.value}{f' by {use.executable}' if use.executable else ''}"
    return out


@dataclass(frozen=True, slots=True)
class _Tried:
    """Result of attribution: paths given back, the plan, and what still fails.

    The plan has the paths if they fixed some failures; otherwise it is the plan from before.
    """

    back: tuple[Suspect, ...]
    plan: Plan
    names: tuple[str, ...]


def _attributed(
    case: Case, plan: Plan, chosen: tuple[Suspect, ...], names: tuple[str, ...]
) -> _Tried:
    """Try choices on trial images until all passes or there is no new suspect."""
    # What passes with a choice is not run again: keeping more does not hurt, and the round's
    # verification runs everything.
    back: dict[ImagePath, Suspect] = {}
    helped = plan
    for step in range(STEPS):
        if not chosen or not case.attempts.left:
            break
        case.earlier.append(chosen)
        before = tuple(back)
        back.update((suspect.path, suspect) for suspect in chosen)
        case.session.say(
            f"attempt {step + 1}: with {len(back)} removed paths back, {chosen[0].path} first"
        )
        trial_plan = _planned(case, tuple(back.values()))
        tried = case.attempts.behaviour(trial_plan, names)
        left = failing(case, tried)
        if not left:
            return _Tried(_reduced(case, before, chosen, names), trial_plan, ())
        fewer = {
            name: tests for name, tests in failing_tests(tried.verdict).items() if name in left
        }
        only_otherwise = any(
            name in case.attempts.focus and failed_commands(tried.verdict, name) is None
            for name in left
        )  # and no longer by the focused tests
        if fewer or only_otherwise or left != names or helped is not plan:
            helped = trial_plan
        names, case.attempts.focus = (
            left,
            {
                **{name: tests for name, tests in case.attempts.focus.items() if name in left},
                **fewer,
            },
        )
        chosen = _chosen(
            case,
            trial_plan,
            _suspects(case, trial_plan, tried),
            {name: failed_commands(tried.verdict, name) for name in names},
        )
    return _Tried(tuple(back.values()), helped, names)


def _reduced(
    case: Case, before: Sequence[ImagePath], chosen: tuple[Suspect, ...], names: Collection[str]
) -> tuple[Suspect, ...]:
    """Return the suspects that are needed, reduced by trials if all are weak.

    Of a large listed directory all files are kept.
    """
    # Weak suspects come in large sets, in which few matter.
    kept = {
        suspect.path: suspect
        for attempt in case.earlier
        for suspect in attempt
        if suspect.path in before
    }
    shown = Counter(
        parent(suspect.path) for suspect in chosen if suspect.strength is Strength.FAINT
    )
    crowds: dict[ImagePath, list[Suspect]] = {}
    for suspect in chosen:
        above = parent(suspect.path)
        place = above if suspect.strength is Strength.FAINT and shown[above] > FEW else suspect.path
        crowds.setdefault(place, []).append(suspect)
    if len(crowds) > 1 and all(suspect.strength is not Strength.STRONG for suspect in chosen):

        def helps(some: Collection[ImagePath]) -> bool:
            return enough(
                case,
                _planned(
                    case,
                    (*kept.values(), *(suspect for place in some for suspect in crowds[place])),
                ),
                names,
            )

        with suppress(
            NotEnoughError
        ):  # it passed once with all of them, so the test is flaky, and they stay
            places = isolate(
                tuple(crowds), Trials(helps, min(MAX_REDUCTION_TRIALS, case.attempts.left))
            ).items
            chosen = tuple(suspect for place in places for suspect in crowds[place])
    return (*kept.values(), *chosen)


def _planned(case: Case, back: Sequence[Suspect]) -> Plan:
    repairs = (*case.choices.repairs, *(Repair(suspect.path, suspect.why) for suspect in back))
    return make_plan(case.original, case.bom, replace(case.choices, repairs=repairs))
