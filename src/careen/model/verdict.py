"""Verdict on a hardened image: what was compared, and every reason for failure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from careen.model.comparing.difference import Difference
from careen.model.repair import Flaky, Round
from careen.model.rewriting.declared_edits import DeclaredEdits
from careen.model.runs.behaviour import Compared, Deviation, Weight
from careen.model.runs.trace import Use
from careen.model.runs.vain import FailedLookup
from careen.model.runs.workload import Outcome, TestResult, WorkloadResult

SHOWN = 5
OF_ONE_KIND = 3
_WANTED = frozenset({Use.EXECUTED, Use.MAPPED, Use.OPENED})  # more than an existence check
_FAILED = frozenset({Outcome.FAILED, Outcome.ERROR})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of verifying a hardened image.

    `original` and `hardened` hold one result per workload, matched by name. `structure` are
    breaches found by a validator or a loading engine; `outside` are changes that the plan does not
    name; `config` are image config fields that differ. `vain` maps a workload, or `explore:` and an
    experiment's id, to the removed paths that its hardened container looked up, most relevant
    first. `flaky` are tests, or cases of them, that the original does not always pass. `declared`
    are the edits beyond the plan that were accepted.
    """

    original: tuple[WorkloadResult, ...]
    hardened: tuple[WorkloadResult, ...]
    structure: tuple[str, ...] = ()
    outside: tuple[Difference, ...] = ()
    config: tuple[str, ...] = ()
    # Lookups alone fail nothing: programs look for much that they do not need.
    vain: Mapping[str, tuple[FailedLookup, ...]] = field(default_factory=dict)
    deviations: tuple[Deviation, ...] = ()
    rounds: tuple[Round, ...] = ()
    flaky: tuple[Flaky, ...] = ()
    compared: Compared = field(default_factory=Compared)
    declared: DeclaredEdits = field(default_factory=DeclaredEdits)

    @property
    def passed(self) -> bool:
        return not self.failures()

    def failures(self) -> tuple[str, ...]:
        """Return one line per reason for failure; empty if the image passed."""
        return tuple(self._all_failures())

    def breaches(self) -> tuple[str, ...]:
        """Return what is wrong with the image itself, whatever its workloads do."""
        return tuple(self._breaches())

    def steady(self) -> tuple[Deviation, ...]:
        """Return the deviations without those of flaky tests."""
        unsteady = self._flaky_places()
        return tuple(item for item in self.deviations if not _excused(item, unsteady))

    def _all_failures(self) -> Iterator[str]:
        yield from self._breaches()
        by_name = {result.workload: result for result in self.hardened}
        if not self.original:
            yield "no workload was run, so nothing was verified"
        for before in self.original:
            after = by_name.get(before.workload)
            if after is None:
                yield f"workload {before.workload!r}: was not run on the hardened image"
            else:
                yield from self._behaviour(before, after)
        yield from (str(item) for item in self.steady() if item.weight is Weight.FAILURE)

    def _breaches(self) -> Iterator[str]:
        yield from (f"structure: {breach}" for breach in self.structure)
        yield from (f"image config: {line}" for line in self.config)
        yield from (
            f"changed outside the plan: {difference}" for difference in self.outside[:SHOWN]
        )
        if len(self.outside) > SHOWN:
            yield f"changed outside the plan: {len(self.outside) - SHOWN} more paths"

    def _behaviour(self, before: WorkloadResult, after: WorkloadResult) -> Iterator[str]:
        where = f"workload {after.workload!r}"
        if not before.passed and not self._only_flaky(before):
            yield f"{where}: fails on the original image already: {before.reason}"
        if not after.passed and not self._only_flaky(after):
            yield f"{where}: {after.reason}{self._looked_for(after.workload)}"
        elif len(after.tests) != len(before.tests):
            yield (
                f"{where}: {len(after.tests)} tests ran on the hardened image, {len(before.tests)}"
                " on the original"
            )
        for one, two in zip(before.tests, after.tests, strict=False):
            if (
                two.passed
                and one.cases is not None
                and (two.cases or 0) < one.cases
                and not self.is_flaky(after.workload, two)
            ):
                ran = "an unknown number" if two.cases is None else two.cases
                yield (
                    f"{where}: {two.test.command!r} ran {ran} of the {one.cases} cases that it runs"
                    f" on the original{self._looked_for(after.workload)}"
                )

    def _looked_for(self, workload: str) -> str:
        found = self.vain.get(workload, ())
        if not found:
            return ""
        names = ", ".join(lookup.path for lookup in found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        return f"; looked up removed paths: {names}{more}"

    def is_flaky(self, workload: str, test: TestResult) -> bool:
        """Return whether the command is flaky, or only flaky cases of it failed."""
        names = {item.test for item in self.flaky if item.workload == workload}
        if test.test.command in names:
            return True
        # An exit status does not say which cases failed.
        failed = [case.name for case in test.results if case.outcome in _FAILED]
        return bool(failed) and names.issuperset(failed)

    def _only_flaky(self, result: WorkloadResult) -> bool:
        """Return whether flaky tests alone made the workload fail."""
        failed = [test for test in result.tests if not test.passed]
        return (
            bool(failed)
            and result.reason == failed[0].reason
            and all(self.is_flaky(result.workload, test) for test in failed)
        )

    def _flaky_places(self) -> frozenset[str]:
        """Return the `where` of flaky tests, and of the cases of flaky commands."""
        if not self.flaky:
            return frozenset()
        out = {f"{item.workload}: {item.test}" for item in self.flaky}
        commands = frozenset(out)
        for result in (*self.original, *self.hardened):
            for test in result.tests:
                if f"{result.workload}: {test.test.command}" in commands:
                    out.update(f"{result.workload}: {case.name}" for case in test.results)
        return frozenset(out)

    def warnings(self) -> tuple[str, ...]:
        """Return differences that fail nothing but should be read.

        Gives the first three of each kind, and the number of the others.
        """
        return (
            *self._quiet(),
            *self._flaky_warnings(),
            *self._differences(),
            *(f"not compared: {what}" for what in self.compared.passed_over),
        )

    def thin(self) -> tuple[str, ...]:
        """Return where less was proved than it seems.

        That is: readiness alone, and removed paths that a passed workload or an experiment looked
        for.
        """
        return tuple(self._quiet())

    def _quiet(self) -> Iterator[str]:
        by_name = {result.workload: result for result in self.hardened}
        for before in self.original:
            after = by_name.get(before.workload)
            if after is None or not after.passed:
                continue
            if after.checked == "readiness only":
                yield f"workload {before.workload!r}: only readiness was checked, no test was run"
            if found := self.vain.get(before.workload):
                yield (
                    f"workload {before.workload!r}: passed{self._looked_for(before.workload)};"
                    f" {len(found)} in all"
                )
        workloads = {before.workload for before in self.original}
        for name, found in self.vain.items():
            if name not in workloads and (
                wanted := [lookup.path for lookup in found if lookup.use in _WANTED]
            ):
                more = f" and {len(wanted) - OF_ONE_KIND} more" if len(wanted) > OF_ONE_KIND else ""
                yield (
                    f"{name}: tried to open or execute removed paths:"
                    f" {', '.join(wanted[:OF_ONE_KIND])}{more}"
                )

    def _flaky_warnings(self) -> Iterator[str]:
        for item in self.flaky[:SHOWN]:
            yield (
                f"workload {item.workload!r}: {item.test} passes {item.passed} of {item.runs}"
                " times on the original: flaky, not counted"
            )
        if len(self.flaky) > SHOWN:
            yield (f"{len(self.flaky) - SHOWN} more flaky tests: see verify.json")

    def _differences(self) -> Iterator[str]:
        kinds: dict[str, list[Deviation]] = {}
        for item in self.steady():
            if item.weight is Weight.WARNING:
                kinds.setdefault(item.kind, []).append(item)
        for kind, items in kinds.items():
            yield from (str(item) for item in items[:OF_ONE_KIND])
            if len(items) > OF_ONE_KIND:
                yield f"{kind}: … {len(items) - OF_ONE_KIND} more in verify.json"


def _excused(item: Deviation, unsteady: frozenset[str]) -> bool:
    """Return whether the deviation belongs to a flaky test or one of its cases."""
    # The name must be equal: `works (2)` may be a separate case beside `works`.
    return item.kind == "case" and item.where in unsteady
