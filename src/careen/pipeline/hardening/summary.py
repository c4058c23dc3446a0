"""Summary of a finished run; each figure is a value that a stage returned."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from careen.model.adequacy import Adequacy
from careen.model.attestations.ended import EndedDocuments
from careen.model.measure import Measure
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.model.runs.workload import WorkloadResult
from careen.model.summary import (
    ExplorationTotals,
    PackageShare,
    PatchTotals,
    SensorSummary,
    StageSeconds,
    Summary,
    Tests,
    TestTotals,
)
from careen.model.verdict import Verdict
from careen.oci.reference import EngineImage, RegistryImage, StorageImage, parse_reference
from careen.pipeline.findings.findings import Findings
from careen.pipeline.profiling.explore import Exploration
from careen.pipeline.profiling.profile import Profile
from careen.pipeline.proof.verify import Candidate
from careen.pipeline.run.plan_totals import reason_shares, symbol_totals
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.plan.store import write_plan
from careen.repair.tell import tell
from careen.report.names import package_name
from careen.report.terminal_output.screen import UNICODE
from careen.workload.stopping import stop_note

_STRENGTH = ("readiness only", "exit status", "tests")
OVERHEAD = "the sensor's overhead was not measured in this run; docs/limits.md tells what it is"


@dataclass(frozen=True, slots=True)
class Facts:
    """Results of a finished run.

    `places` are the names of the result. If the image was patched first, `before` is the user's
    own.
    """

    candidate: Candidate
    seen: Profile
    verdict: Verdict
    places: tuple[str, ...]
    report_directory: str
    session: Session
    findings: Findings | None = None
    exploration: Exploration | None = None
    bom: RuntimeBom | None = None
    adequacy: Adequacy | None = None
    before: Examined | None = None
    patched: PatchTotals | None = None
    ended: EndedDocuments | None = None
    fips: tuple[str, ...] = ()  # FIPS mode in words

    @property
    def original(self) -> Examined:
        """The image that the user named."""
        return self.before if self.before is not None else self.candidate.original


def summarise(facts: Facts) -> Summary:
    """Return the summary of one harden run."""
    candidate, plan = facts.candidate, facts.candidate.plan
    original = candidate.original
    return Summary(
        level=plan.level,
        original=replace(
            facts.original.measure,
            findings=facts.findings.original if facts.findings is not None else None,
        ),
        hardened=_named(
            replace(
                candidate.result.measure,
                findings=facts.findings.hardened if facts.findings is not None else None,
            ),
            facts.places,
        ),
        workloads=tuple(seen.workload.name for seen in facts.seen.observations),
        checked=min((seen.result.checked for seen in facts.seen.observations), key=_STRENGTH.index),
        tests=_tests(facts.verdict),
        sensor=_sensor(facts.seen),
        seconds=_seconds(facts.session),
        promoted=facts.places,
        removed=_removed(plan),
        kept=reason_shares(plan.keep, original.rootfs),
        plan_sha256=hashlib.sha256(write_plan(plan)).hexdigest(),
        rbom_sha256=plan.rbom_sha256,
        report_directory=facts.report_directory,
        notes=_notes(facts),
        next_steps=_next_steps(facts),
        exploration=_exploration(facts),
        adequacy=facts.adequacy,
        rounds=facts.verdict.rounds,
        flaky=facts.verdict.flaky,
        verdict=facts.verdict,
        patched=facts.patched,
        symbols=symbol_totals(plan, original.rootfs),
        ended=facts.ended,
    )


def _notes(facts: Facts) -> tuple[str, ...]:
    plan, verdict = facts.candidate.plan, facts.verdict
    patched = facts.patched.notes if facts.patched is not None else ()
    return (
        *facts.fips,
        *patched,
        *_stops(facts),
        *plan.notes,
        *broken_dependencies(plan),
        *tell(verdict.rounds, verdict.flaky),
        *verdict.thin(),
        *_finding_notes(facts.findings),
    )


def _stops(facts: Facts) -> Iterator[str]:
    """Yield a note for each workload that ignores its stop signal."""
    for seen in facts.seen.observations:
        # Each stop of such a container takes its whole time limit.
        if seen.result.killed_after is not None:
            yield stop_note(
                seen.workload.name,
                facts.original.image.config.stop_signal,
                seen.result.killed_after,
                unheard=seen.result.unheard,
            )


def _finding_notes(findings: Findings | None) -> tuple[str, ...]:
    if findings is None:
        return (
            (
                "findings were not counted: there is no advisory database; `careen db update`"
                " makes one"
            ),
        )
    return findings.notes


def _named(measure: Measure, places: tuple[str, ...]) -> Measure:
    return replace(measure, reference=places[0]) if places else measure


def totals(results: Iterable[WorkloadResult]) -> TestTotals:
    """Add up the tests of workloads; `cases` is None if one test does not report them."""
    results = tuple(results)
    tests = [test for result in results for test in result.tests]
    cases = [test.cases for test in tests]
    known = [count for count in cases if count is not None]
    return TestTotals(
        passed=all(result.passed for result in results),
        cases=sum(known) if len(known) == len(cases) else None,
        seconds=round(sum(test.seconds for test in tests), 3),
    )


def _tests(verdict: Verdict) -> Tests | None:
    if not any(result.tests for result in verdict.original):
        return None
    return Tests(totals(verdict.original), totals(verdict.hardened) if verdict.hardened else None)


def _sensor(seen: Profile) -> SensorSummary:
    first = seen.bom.runs[0].sensor
    return SensorSummary(
        first.kind.value, seen.bom.completeness, OVERHEAD, first.kernel, seen.bom.emulated
    )


def _seconds(session: Session) -> StageSeconds:
    stages = {name: round(seconds, 3) for name, seconds in session.seconds.items()}
    return StageSeconds(
        inspect=stages.get("inspect"),
        profile=stages.get("profile"),
        plan=stages.get("plan"),
        strip=stages.get("strip"),
        verify=stages.get("verify"),
        findings=stages.get("findings"),
        promote=stages.get("promote"),
        explore=stages.get("explore"),
        repair=stages.get("repair"),
        survey=stages.get("survey"),
        patch=stages.get("patch"),
        test=stages.get("test"),
        bisect=stages.get("bisect"),
        total=round(session.total, 3),
    )


def _exploration(facts: Facts) -> ExplorationTotals | None:
    """Count the experiments, and the files that only they used."""
    if facts.exploration is None or facts.bom is None:
        return None
    done = [
        each for each in facts.exploration.results if each.answers or not each.skipped
    ]  # an interrupted one has answers, too
    used = {file.path for file in facts.bom.without_exploration().files}
    only = {
        file.path: file.size
        for file in facts.bom.files
        if file.path not in used and file.kind == "file"
    }
    tries = sum(len(each.answers) for each in done)
    return ExplorationTotals(
        len(done),
        len(facts.exploration.results) - len(done),
        tries,
        len(only),
        sum(only.values()),
        tuple(each.experiment for each in done if each.waited is not None),
    )


def _removed(plan: Plan) -> tuple[PackageShare, ...]:
    shares = [
        PackageShare(item.purl, item.outcome, item.removed_bytes, item.removed_files)
        for item in plan.packages.values()
        if item.removed_files
    ]
    return tuple(sorted(shares, key=lambda share: (-share.removed_bytes, share.purl)))


def broken_dependencies(plan: Plan) -> tuple[str, ...]:
    """Return a sentence if packages that stay depend on packages removed whole."""
    broken = sorted(
        (item for item in plan.packages.values() if item.broken), key=lambda item: item.purl
    )
    if not broken:
        return ()
    first = broken[0]
    example = f"{package_name(first.broken[0], UNICODE)} on {package_name(first.purl, UNICODE)}" + (
        ", first; plan.json names all" if len(broken) > 1 else ""
    )
    note = (
        f"kept packages depend on {len(broken)} removed package{'s' if len(broken) != 1 else ''}:"
        f" {example}; the package manager will report it"
    )
    return (
        note if removed_by_user(plan) else f"{note}, but the workloads needed none of their files",
    )


def removed_by_user(plan: Plan) -> bool:
    """Return whether --remove took anything away, which may have been needed."""
    return any(reason.code == "user-remove" for reason in plan.remove.values())


def _run_step(place: str) -> str:
    """Return the command that runs a result, or "" for one in a file."""
    reference = parse_reference(place)
    match reference:
        case EngineImage(name) | RegistryImage(name):
            return f"docker run {name}"
        case StorageImage(name):
            return f"podman run {name}" if not name.startswith("[") else ""
        case _:
            return ""


def _next_steps(facts: Facts) -> tuple[str, ...]:
    steps = [step for place in facts.places if (step := _run_step(place))][:1]
    steps.append(
        f"careen why {facts.original.image.reference} PATH --report-dir {facts.report_directory}"
    )
    if facts.places:
        steps.append(f"careen diff {facts.original.image.reference} {facts.places[0]}")
    return tuple(steps)
