"""Diagnose a failed verification: is the test flaky, what explains the failure, and if nothing says so, which removed paths does a search find?"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from careen.model.engine import PreparedImage
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.model.repair import Flaky, Repair
from careen.model.workload import Outcome, TestResult, WorkloadResult
from careen.pipeline.attempts import heard_from
from careen.pipeline.planning import make_plan
from careen.pipeline.repair_case import Case, enough, failing, failing_tests
from careen.pipeline.repair_search import look_for
from careen.pipeline.verify import Candidate, Proof
from careen.repair.attribution import attribute
from careen.repair.choosing import PATIENCE, choose, seen_before, widen
from careen.repair.ddmin import NotEnoughError, Trials, isolate
from careen.repair.removed import Removed
from careen.repair.suspect import Strength, Suspect

REPEATS = 3
"""Runs on the original that a failing test is given to fail there, too."""
STEPS = 8
"""Trial images of one round that attribution may ask for."""
SIFTING = 12
"""Trial images that may be spent on making a set of weak suspects smaller."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What comes back: `attributed` was told by evidence, `searched` by delta debugging. Both empty: nothing that was removed explains the failure, and
    `note` says what was tried.
    """

    attributed: tuple[Suspect, ...] = ()
    searched: tuple[Suspect, ...] = ()
    note: str = ""

    @property
    def repairs(self) -> tuple[Repair, ...]:
        return tuple(Repair(suspect.path, suspect.why) for suspect in (*self.attributed, *self.searched))


def find_flaky(case: Case, candidate: Candidate, proof: Proof) -> bool:
    """Repeat what failed, once for each workload: on the hardened image, and where that passes or nothing explains the failure, on the original. What fails
    there, too, and passes on the hardened image sometimes, is flaky. Say whether any was found.
    """
    prepared = proof.prepared
    if prepared is None:
        return False
    suspects = _suspects(case, candidate.plan, proof)
    found = False
    for result in proof.verdict.hardened:
        name = result.workload
        if name in case.asked or name not in failing(case, proof):
            continue
        case.asked.add(name)
        strong = any(suspect.strength is Strength.STRONG for suspect in suspects)
        if strong and not result.tests:  # it never became ready: to wait for that again tells nothing
            continue
        case.session.say(f"workload {name}: once more on the hardened image")
        again = case.attempts.again(candidate, prepared, (name,))
        if not failing(case, again) or not suspects:
            on_original = case.attempts.on_original(name, REPEATS)
            new = _passing_too(case, candidate, prepared, flaky_tests(result, on_original), again.verdict.hardened)
            case.attempts.flaky += new
            found = found or bool(new)
    return found


def _passing_too(case: Case, candidate: Candidate, prepared: PreparedImage, flaky: tuple[Flaky, ...], ran: Sequence[WorkloadResult]) -> tuple[Flaky, ...]:
    """Return which of them have passed on the hardened image at least once, in `ran` or in as many repetitions as the original was given: what fails sometimes
    there and always here is lost.
    """
    results = [*ran]
    for number in range(REPEATS):
        left = [item for item in flaky if not any(_passed(result, item.test) for result in results)]
        if not left:
            break
        name = left[0].workload
        case.session.say(f"workload {name}: once more on the hardened image ({number + 1} of {REPEATS}): does what the original fails sometimes ever pass?")
        results += case.attempts.again(candidate, prepared, (name,)).verdict.hardened
    return tuple(item for item in flaky if any(_passed(result, item.test) for result in results))


def flaky_tests(hardened: WorkloadResult, repeats: Sequence[WorkloadResult]) -> tuple[Flaky, ...]:
    """Return which of the tests that fail on the hardened image failed in a repetition on the original, too; the run that was profiled passed. Single cases
    where a report tells them, else commands.
    """
    failed = [name for test in hardened.tests if not test.passed for name in _failed_cases(test) or (test.test.command,)]
    counts = ((name, 1 + sum(_passed(result, name) for result in repeats)) for name in dict.fromkeys(failed))
    return tuple(Flaky(hardened.workload, name, passed, len(repeats) + 1) for name, passed in counts if passed <= len(repeats))


def _failed_cases(test: TestResult) -> tuple[str, ...]:
    return tuple(case.name for case in test.results if case.outcome in (Outcome.FAILED, Outcome.ERROR))


def _passed(result: WorkloadResult, name: str) -> bool:
    commands = [test for test in result.tests if test.test.command == name or any(case.name == name for case in test.results)]
    return bool(commands) and not any(name in _failed_cases(test) or (test.test.command == name and not test.passed) for test in commands)


def diagnose(case: Case, plan: Plan, proof: Proof) -> Diagnosis:
    """Find what explains a failure.

    The first time the strong suspects come back at once, unproven: mostly they are it, and verification says so. From then on each choice is tried on a
    trial image, until the failing workloads pass there or nothing new is suspected; then delta debugging searches. Trials run the failing tests alone, unless
    those turn out to need the others.
    """
    names = failing(case, proof)
    if not names:
        return Diagnosis(note="what fails is no workload and no experiment")
    case.attempts.focus = failing_tests(proof.verdict)
    suspects = _suspects(case, plan, proof)
    chosen = _chosen(case, plan, suspects, names)
    if chosen and not case.earlier and all(suspect.strength is Strength.STRONG for suspect in chosen):
        case.earlier.append(chosen)
        return Diagnosis(attributed=chosen)
    if case.attempts.focus and case.attempts.left and enough(case, plan, names):
        case.attempts.focus = {}  # alone they pass: they fail by what another test does
    found, passed = _attributed(case, chosen, names)
    if passed or not case.attempts.left:
        return Diagnosis(attributed=found)
    searched, note = look_for(case, plan, found, names)
    return Diagnosis(searched=searched, note=note)


def _suspects(case: Case, plan: Plan, proof: Proof) -> tuple[Suspect, ...]:
    return attribute(proof.verdict, Removed(case.original.rootfs, plan.remove), heard_from(proof))


def _chosen(case: Case, plan: Plan, suspects: Sequence[Suspect], names: Collection[str]) -> tuple[Suspect, ...]:
    """Return what to give back next, empty when nothing new is suspected."""
    removed = Removed(case.original.rootfs, plan.remove)
    if len(case.earlier) >= PATIENCE:
        suspects = (*suspects, *seen_before(_used(case.bom, names), removed))
    chosen = choose(suspects, (old.path for attempt in case.earlier for old in attempt))
    return widen(chosen, case.earlier, removed, case.original.inventory)


def _used(bom: RuntimeBom, names: Collection[str]) -> dict[ImagePath, str]:
    """How the failing workloads used each path on the original."""
    out: dict[ImagePath, str] = {}
    for file in bom.files:
        use = next((each for each in file.uses if each.origin in names), None)
        if use is not None:
            out[file.path] = f"{use.use.value}{f' by {use.executable}' if use.executable else ''}"
    return out


def _attributed(case: Case, chosen: tuple[Suspect, ...], names: Collection[str]) -> tuple[tuple[Suspect, ...], bool]:
    """Try choice after choice on trial images; return all that was given back, and whether the failing workloads pass with it."""
    back: dict[ImagePath, Suspect] = {}
    for step in range(STEPS):
        if not chosen or not case.attempts.left:
            break
        case.earlier.append(chosen)
        before = tuple(back)
        back.update((suspect.path, suspect) for suspect in chosen)
        case.session.say(f"attempt {step + 1}: with {len(back)} removed paths back, {chosen[0].path} first")
        trial_plan = _planned(case, tuple(back.values()))
        tried = case.attempts.behaviour(trial_plan, names)
        if not failing(case, tried):
            return _sifted(case, before, chosen, names), True
        chosen = _chosen(case, trial_plan, _suspects(case, trial_plan, tried), names)
    return tuple(back.values()), False


def _sifted(case: Case, before: Sequence[ImagePath], chosen: tuple[Suspect, ...], names: Collection[str]) -> tuple[Suspect, ...]:
    """Weak suspects come back in crowds, of which one or two were it: keep those."""
    kept = {suspect.path: suspect for attempt in case.earlier for suspect in attempt if suspect.path in before}
    if len(chosen) > 1 and all(suspect.strength is Strength.WEAK for suspect in chosen):

        def helps(some: Collection[Suspect]) -> bool:
            return enough(case, _planned(case, (*kept.values(), *some)), names)

        with suppress(NotEnoughError):  # it passed once with all of them: a flaky test, and they stay
            chosen = isolate(chosen, Trials(helps, min(SIFTING, case.attempts.left))).items
    return (*kept.values(), *chosen)


def _planned(case: Case, back: Sequence[Suspect]) -> Plan:
    repairs = (*case.choices.repairs, *(Repair(suspect.path, suspect.why) for suspect in back))
    return make_plan(case.original, case.bom, replace(case.choices, repairs=repairs))
