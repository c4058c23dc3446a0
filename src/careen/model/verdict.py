"""The verdict on a hardened image: what was compared, and every reason why it is not good enough."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from careen.model.behaviour import Deviation, Weight
from careen.model.difference import Difference
from careen.model.repair import Flaky, Round
from careen.model.vain import VainLookup
from careen.model.workload import WorkloadResult

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was checked of a hardened image.

    `original` and `hardened` hold one result per workload, matched by name. `structure` are breaches that a validator or a loading engine found,
    `outside` changes that the plan does not name, `config` fields of the image config that differ. `vain` maps a workload to the removed paths that
    its hardened container looked for, most relevant first; by itself it fails nothing, since programs look for a lot that they do not need.
    `deviations` are differences in behaviour, of the tests and of exploration; `rounds` what repair did before this verdict; `flaky` are tests that the
    original does not always pass either: they fail nothing.
    """

    original: tuple[WorkloadResult, ...]
    hardened: tuple[WorkloadResult, ...]
    structure: tuple[str, ...] = ()
    outside: tuple[Difference, ...] = ()
    config: tuple[str, ...] = ()
    vain: Mapping[str, tuple[VainLookup, ...]] = field(default_factory=dict)
    deviations: tuple[Deviation, ...] = ()
    rounds: tuple[Round, ...] = ()
    flaky: tuple[Flaky, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.failures()

    def failures(self) -> tuple[str, ...]:
        """One clear line for each reason against the image; empty when it is good."""
        return tuple(self._all_failures())

    def breaches(self) -> tuple[str, ...]:
        """What is wrong with the image's bytes, whatever its workloads do; empty when it is as planned."""
        return tuple(self._breaches())

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
        yield from (str(deviation) for deviation in self.deviations if deviation.weight is Weight.FAILURE)

    def _breaches(self) -> Iterator[str]:
        yield from (f"structure: {breach}" for breach in self.structure)
        yield from (f"image config: {line}" for line in self.config)
        yield from (f"changed outside the plan: {difference}" for difference in self.outside[:SHOWN])
        if len(self.outside) > SHOWN:
            yield f"changed outside the plan: {len(self.outside) - SHOWN} more paths"

    def _behaviour(self, before: WorkloadResult, after: WorkloadResult) -> Iterator[str]:
        where = f"workload {after.workload!r}"
        if not before.passed:
            yield f"{where}: fails on the original image already: {before.reason}"
        if not after.passed:
            yield f"{where}: {after.reason}{self._looked_for(after.workload)}"
        elif len(after.tests) != len(before.tests):
            yield f"{where}: {len(after.tests)} tests ran on the hardened image, {len(before.tests)} on the original"
        for one, two in zip(before.tests, after.tests, strict=False):
            if two.passed and one.cases is not None and (two.cases or 0) < one.cases:
                ran = "an unknown number" if two.cases is None else two.cases
                yield f"{where}: {two.test.command!r} ran {ran} of the {one.cases} cases that it runs on the original{self._looked_for(after.workload)}"

    def _looked_for(self, workload: str) -> str:
        found = self.vain.get(workload, ())
        if not found:
            return ""
        names = ", ".join(lookup.path for lookup in found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        return f"; removed paths that it looked for in vain: {names}{more}"

    def warnings(self) -> tuple[str, ...]:
        """Differences in behaviour that fail nothing but should be read."""
        by_name = {result.workload: result for result in self.hardened}
        out: list[str] = []
        for before in self.original:
            after = by_name.get(before.workload)
            if after is None or not after.passed:
                continue
            if before.exit_code != after.exit_code:
                out.append(f"workload {before.workload!r}: exit status {after.exit_code} at the end, {before.exit_code} on the original image")
            if after.checked == "readiness only":
                out.append(f"workload {before.workload!r}: only readiness was checked, no test was run")
            if found := self.vain.get(before.workload):
                out.append(f"workload {before.workload!r}: passed{self._looked_for(before.workload)}; {len(found)} in all")
        return tuple(out)
