"""Upgrade one image: survey, apply, read back, test.

Upgrades that raise more than they close, or break the tests, are dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from careen.advisories.database.store import Store
from careen.advisories.matching.match import match
from careen.errors import VerificationError, WorkloadError
from careen.inventory.scan import scan_contents
from careen.model.findings.finding import Finding, Matched
from careen.model.packages.package import Inventory
from careen.model.patching import BlockReason, Dropped, PatchPlan, ReadBack, Upgrade
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.run.session import Session
from careen.pipeline.upgrading.breaking import drop_breaking
from careen.pipeline.upgrading.patch_findings import (
    Comparison,
    compare,
    raising,
    read_back,
)
from careen.pipeline.upgrading.patching import (
    Attempt,
    Group,
    Patching,
    group_of,
    of_groups,
    without,
)
from careen.pipeline.upgrading.trial import Tests, failure, run_tests
from careen.pipeline.upgrading.weighing import (
    Balance,
    closed_findings,
    closed_in_place,
    embedded_among,
    embedded_of,
    foreseen,
)

ROUNDS = 3
"""How often to ask package managers for versions that raise no known finding."""

_NAMED = 3  # upgrades of a group


@dataclass(frozen=True, slots=True)
class Upgraded:
    """Result of an upgrade; `attempt` is None if nothing was upgraded.

    The caller closes its image. `tests` states in words what was checked.
    """

    plan: PatchPlan
    attempt: Attempt | None
    upgraded: tuple[ReadBack, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    tests: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """Inventory and findings of a new image, compared with the original."""

    stock: Inventory
    matched: Matched
    compared: Comparison


@dataclass(slots=True)
class Upgrader:
    """Upgrades one image.

    `before` are all findings of the original, also suppressed ones; `wanted` are those to close.
    """

    patching: Patching
    store: Store
    before: Sequence[Finding]
    wanted: Sequence[Finding]
    session: Session
    _taken: dict[Group, str] = field(default_factory=dict)

    def run(self, tests: Tests | None) -> Upgraded:
        """Survey, upgrade, read back, test.

        Raises ToolError (a source, a package manager), VerificationError (the upgrades close
        nothing) or WorkloadError (the tests fail on the original, too).
        """
        with self.session.stage("survey"):
            plan = self._least_raising(self.patching.survey.ask(self.wanted))
        if not plan.upgrades:
            return Upgraded(plan, None)
        with self.session.stage("patch"):
            attempt, found, dropped = self._worthwhile(plan)
        if attempt is None or found is None:
            return Upgraded(without(plan, dropped), None, dropped=dropped)
        try:
            self._require_use(plan, found)
            made = self._result(
                plan, attempt, found, dropped, "no test was run on the patched image"
            )
            return made if tests is None or not tests.workloads else self.prove(made, tests)
        except BaseException:
            attempt.close()
            raise

    def _least_raising(self, plan: PatchPlan) -> PatchPlan:
        """Ask again for versions that raise no known finding; return the best plan."""
        best, avoid = plan, dict[str, dict[str, str]]()
        tried = plan
        for _ in range(ROUNDS):
            raised = foreseen(tried.upgrades, self.before, self.store)
            for upgrade, findings in raised.items():
                avoid.setdefault(upgrade.purl, {})[upgrade.target] = (
                    f"{upgrade.name} {upgrade.target} has {findings[0].id}"
                )
            if not raised:
                break
            other = self.patching.survey.again(plan, avoid)
            if other.upgrades == tried.upgrades:
                best = replace(best, notes=other.notes)  # perhaps a source did not answer
                break
            tried = other
            if self._planned(tried).net > self._planned(best).net:
                best = tried
        return best

    def _planned(self, plan: PatchPlan) -> Balance:
        raised = tuple(
            each
            for findings in foreseen(plan.upgrades, self.before, self.store).values()
            for each in findings
        )
        return Balance(
            closed_findings(plan.upgrades, self.before),
            raised,
            embedded_of(self.patching.survey.image.stock),
        )

    def _worthwhile(
        self, plan: PatchPlan
    ) -> tuple[Attempt | None, _Found | None, tuple[Dropped, ...]]:
        """Upgrade without the groups whose raised findings outweigh the closed ones."""
        dropped: tuple[Dropped, ...] = ()
        left = plan.upgrades
        while left:
            attempt = self.patching.attempt(left)
            if attempt is None:
                return None, None, dropped
            try:
                found = self._look(attempt)
                bad = self._weighed(attempt, found)
            except BaseException:
                attempt.close()
                raise
            if not bad:
                return attempt, found, dropped
            attempt.close()
            gone = {group_of(each) for item in bad for each in item.upgrades}
            dropped = (*dropped, *bad)
            left = tuple(each for each in left if group_of(each) not in gone)
        return None, None, dropped

    def _weighed(self, attempt: Attempt, found: _Found) -> tuple[Dropped, ...]:
        """Return the groups that raise more than they close; note the others.

        Raises VerificationError for a finding that no upgrade accounts for.
        """
        groups = raising(attempt, found.compared.raised, found.stock)
        out: list[Dropped] = []
        for group, raised in groups.items():
            upgrades = of_groups(attempt.upgrades, {group})
            closed = self._closed(upgrades, found)
            # A purl may name an installed package before, and a copy of it afterwards.
            embedded = embedded_among(closed, self.patching.survey.image.stock)
            balance = Balance(closed, raised, embedded | embedded_among(raised, found.stock))
            heads = ", ".join(
                f"{each.name} {each.installed} to {each.target}"
                for each in upgrades[:_NAMED]
                if each.installed
            )
            if balance.is_gain:
                self._taken[group] = (
                    f"{heads}: {balance.words()}; accepted, as the closed findings outweigh the"
                    " new ones"
                )
            else:
                out.append(
                    Dropped(
                        group[1],
                        upgrades,
                        f"{balance.words()}: the closed findings do not outweigh the new ones",
                        BlockReason.RAISES,
                    )
                )
        owned = {finding for findings in groups.values() for finding in findings}
        strange = next((each for each in found.compared.raised if each not in owned), None)
        if strange is not None and not out:
            msg = (
                f"the upgrades raise {strange.id} in {strange.name} {strange.version}, a package"
                " that no upgrade names: nothing was promoted; find what pulls it in and"
                " --exclude it"
            )
            raise VerificationError(msg)
        return tuple(out)

    def _look(self, attempt: Attempt) -> _Found:
        self.session.say("reading the versions back and comparing them with the advisories")
        stock = scan_contents(attempt.result.rootfs, attempt.result.inventory)
        matched = match(stock, self.store)
        return _Found(stock, matched, compare(self.before, matched.findings))

    def _closed(self, upgrades: Sequence[Upgrade], found: _Found) -> tuple[Finding, ...]:
        stocks = self.patching.survey.image.stock, found.stock
        return closed_in_place(upgrades, self.before, found.matched.findings, stocks)

    def _require_use(self, plan: PatchPlan, found: _Found) -> None:
        closed = found.compared.closed
        if not closed and not self._closed(plan.upgrades, found):
            first = plan.upgrades[0]
            msg = (
                f"the upgrades close no finding (of {len(self.before)}), nothing was promoted:"
                f" {first.name} {first.installed} -> {first.target} should have closed"
                f" {', '.join(first.closes[:3]) or 'none'}; the advisories and the package source"
                " may differ in age: see `careen db status`"
            )
            raise VerificationError(msg)

    def prove(self, made: Upgraded, tests: Tests) -> Upgraded:
        """Test an untested result and drop what breaks the tests.

        Raises as `run`. The image of `made` is closed if another replaces it.
        """
        attempt = made.attempt
        if attempt is None:
            return made

        def judge(candidate: Attempt) -> str:
            subject = Subject(
                candidate.prepared(), candidate.result.image.config, tests.logs("patched")
            )
            return failure(run_tests(subject, tests.workloads, self.session))

        with self.session.stage("test"):
            reason = judge(attempt)
            if not reason:
                return replace(made, tests=_passed(tests))
            if not judge(attempt):
                note = (
                    f"the tests are flaky: {reason}; they passed in a second run on the same image"
                )
                return replace(made, tests=_passed(tests), notes=(*made.notes, note))
            original = Subject(
                self.patching.survey.sandboxes.prepared,
                self.patching.original.image.config,
                tests.logs("original"),
            )
            if first := failure(run_tests(original, tests.workloads, self.session)):
                msg = f"the tests fail on the original image: {first}"
                raise WorkloadError(msg)
        with self.session.stage("bisect"):
            kept = drop_breaking(self.patching, attempt, reason, judge)
        attempt.close()
        dropped = (*made.dropped, *kept.dropped)
        if kept.attempt is None:
            return Upgraded(
                without(made.plan, kept.dropped),
                None,
                dropped=dropped,
                tests=f"the tests fail with the upgrades: {reason}",
            )
        found = self._look(kept.attempt)
        self._require_use(made.plan, found)
        words = f"{_passed(tests)}; {kept.trials} images were tried to find what breaks them"
        return replace(
            self._result(made.plan, kept.attempt, found, kept.dropped, words), dropped=dropped
        )

    def _result(
        self,
        plan: PatchPlan,
        attempt: Attempt,
        found: _Found,
        dropped: tuple[Dropped, ...],
        tests: str,
    ) -> Upgraded:
        done = of_groups(plan.upgrades, {group_of(each) for each in attempt.upgrades})
        final = without(plan, dropped)
        assert len(done) == len(final.upgrades)  # noqa: S101 — what is in the plan is in the image
        taken = tuple(
            words
            for group, words in self._taken.items()
            if group in {group_of(each) for each in done}
        )
        return Upgraded(
            final,
            attempt,
            read_back(attempt, found.stock, found.matched.findings),
            dropped,
            tests,
            (*taken, *attempt.notes),
        )


def _passed(tests: Tests) -> str:
    commands = sum(len(workload.tests) for workload in tests.workloads)
    names = ", ".join(workload.name for workload in tests.workloads)
    return (
        f"{commands} test{'s' if commands != 1 else ''} passed on the patched image (workload"
        f" {names})"
        if commands
        else f"readiness alone was checked on the patched image ({names})"
    )
