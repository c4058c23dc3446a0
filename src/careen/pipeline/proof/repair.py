"""Repair: strip and verify, and restore what explains a failure, until it passes.

The number of rounds is limited.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.model.plan import Level, Plan
from careen.model.rbom import RuntimeBom
from careen.model.repair import Flaky, Restored, Round
from careen.pipeline.proof.attempts import Attempts
from careen.pipeline.proof.diagnose import Diagnosis, diagnose, find_flaky
from careen.pipeline.proof.repair_case import Case
from careen.pipeline.proof.verify import Baseline, Candidate, Proof, loading, verify
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices
from careen.pipeline.run.source import Examined, examine
from careen.pipeline.run.stripping import make_stripped
from careen.repair.attribution import EXPLORED
from careen.repair.tell import smaller
from careen.repair.would_keep import Alternative, weight, would_keep

WIDER = {
    Level.OBSERVED: (Level.CLOSURE, Level.PACKAGE),
    Level.CLOSURE: (Level.PACKAGE,),
    Level.PACKAGE: (),
}


@dataclass(frozen=True, slots=True)
class Proving:
    """How an image is proven.

    `rounds` 0 only verifies. `plan` is the first plan, if it exists; `notes` are added to every
    later one. `log_directory` None keeps no logs.
    """

    rounds: int
    log_directory: Path | None
    plan: Plan | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proven:
    """The last plan, its image and the proof, whose verdict has the rounds and flaky tests.

    The caller promotes or discards `proof.prepared`. `note` says why repair gave up before its last
    round, or is "".
    """

    plan: Plan
    candidate: Candidate
    proof: Proof
    rounds: tuple[Round, ...] = ()
    flaky: tuple[Flaky, ...] = ()
    note: str = ""
    trials: int = 0


@contextmanager
def prove(
    original: Examined,
    bom: RuntimeBom,
    choices: PlanChoices,
    baseline: Baseline,
    how: Proving,
    session: Session,
) -> Iterator[Proven]:
    """Yield the proven image, open for the `with` block; `proof.verdict` says if it passed.

    A round restores what explains the failures, with its closure, and verifies everything again.
    Nothing is promoted. Stages: `plan` (without a first plan, and for each round), `strip`,
    `verify`, `repair`. Raises as planning, stripping and the engine do.
    """
    prover = _Prover(original, bom, choices, how, session, Attempts(original, baseline, session))
    proven = prover.run()
    try:
        yield proven
    finally:
        proven.candidate.result.image.close()


@dataclass(slots=True)
class _Prover:
    original: Examined
    bom: RuntimeBom
    choices: PlanChoices
    how: Proving
    session: Session
    attempts: Attempts
    wider: dict[Level, Alternative] = field(default_factory=dict)

    def run(self) -> Proven:
        plan = self.how.plan if self.how.plan is not None else self._plan()
        candidate, proof = self._verified(plan)
        case = Case(
            self.original, self.bom, self.choices, self.attempts, lambda: self._wider(plan.level)
        )
        rounds: list[Round] = []
        note = ""
        while (
            not proof.verdict.passed
            and len(rounds) < self.how.rounds
            and proof.prepared is not None
        ):
            begun, failure = time.monotonic(), proof.verdict.failures()[0]
            with self.session.stage("repair"):
                if find_flaky(case, candidate, proof):
                    proof = self._without_flaky_failures(candidate, proof)
                    continue
                found = diagnose(case, candidate, proof)
                restored = self._restored(found, plan)
            if not found.repairs:
                note = found.note
                break
            before, self.choices = (
                plan,
                replace(self.choices, repairs=(*self.choices.repairs, *found.repairs)),
            )
            case.choices = self.choices
            self._drop(candidate, proof)
            plan = self._plan()
            candidate, proof = self._verified(plan)
            if self.attempts.flaky:
                with self.session.stage("verify"):
                    proof = self._without_flaky_failures(candidate, proof)
            back = [
                entry
                for path in plan.keep
                if path not in before.keep
                and (entry := self.original.rootfs[path])
                and not entry.is_dir
            ]
            size = weight(back)
            seconds = time.monotonic() - begun
            rounds.append(
                Round(
                    len(rounds) + 1,
                    failure,
                    restored,
                    len(back),
                    size,
                    seconds,
                    proof.verdict.passed,
                )
            )
        if rounds and proof.verdict.passed:
            plan = replace(
                plan, notes=(*plan.notes, *smaller(plan, self.wider.values(), self.original.rootfs))
            )
            candidate = replace(candidate, plan=plan)
        verdict = replace(proof.verdict, rounds=tuple(rounds), flaky=tuple(self.attempts.flaky))
        return Proven(
            plan,
            candidate,
            replace(proof, verdict=verdict),
            tuple(rounds),
            tuple(self.attempts.flaky),
            note,
            self.attempts.used,
        )

    def _drop(self, candidate: Candidate, proof: Proof) -> None:
        if proof.prepared is not None:
            self.session.engine.discard(proof.prepared)
        candidate.result.image.close()

    def _plan(self) -> Plan:
        with self.session.stage("plan"):
            plan = make_plan(self.original, self.bom, self.choices)
            return replace(plan, notes=(*plan.notes, *self.how.notes))

    def _verified(self, plan: Plan) -> tuple[Candidate, Proof]:
        with ExitStack() as stack:
            with self.session.stage("strip"):
                image = make_stripped(self.original, plan, self.session, self.attempts.memory)
                loaded = stack.enter_context(loading(image, self.session))
                candidate = self.attempts.round = Candidate(
                    self.original, plan, examine(image, self.session)
                )
            with self.session.stage("verify"):
                return candidate, verify(
                    candidate,
                    loaded,
                    self.attempts.baseline,
                    self.how.log_directory,
                    self.session,
                )

    def _without_flaky_failures(self, candidate: Candidate, proof: Proof) -> Proof:
        """Return the proof without failures of flaky tests.

        Workloads and experiments that did not run because of them are run now.
        """
        verdict = replace(proof.verdict, flaky=tuple(self.attempts.flaky))
        ran = {result.workload for result in verdict.hardened}
        left = [
            name
            for name in self.attempts.names()
            if name not in ran and not (proof.explored and name.startswith(EXPLORED))
        ]
        if not left or proof.prepared is None:
            return replace(proof, verdict=verdict)
        more = self.attempts.again(candidate, proof.prepared, left)
        verdict = replace(
            verdict,
            hardened=(*verdict.hardened, *more.verdict.hardened),
            vain={**verdict.vain, **more.verdict.vain},
            deviations=(*verdict.deviations, *more.verdict.deviations),
            compared=verdict.compared.plus(more.verdict.compared),
        )
        return replace(
            proof,
            verdict=verdict,
            observations=(*proof.observations, *more.observations),
            explored=(*proof.explored, *more.explored),
        )

    def _restored(self, found: Diagnosis, before: Plan) -> tuple[Restored, ...]:
        ways = ((found.attributed, "attributed"), (found.searched, "searched"))
        return tuple(
            Restored(
                each.path, how, each.why, would_keep(each.path, before, self._wider(before.level))
            )
            for group, how in ways
            for each in group
        )

    def _wider(self, level: Level) -> Iterator[Alternative]:
        """Yield what wider levels would keep without repair; each plan is made on first use."""
        for wider in WIDER[level]:
            if wider not in self.wider:
                self.session.say(f"what level {wider.value} would have kept")
                plan = make_plan(
                    self.original, self.bom, replace(self.choices, level=wider, repairs=())
                )
                self.wider[wider] = Alternative(wider, plan.keep)
            yield self.wider[wider]
