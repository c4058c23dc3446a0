"""Removed paths that may explain a failure, by messages and failed lookups."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from careen.model.paths import ImagePath, name, parent, source_of
from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.exploration import Explored
from careen.model.runs.trace import Trace, Use
from careen.model.runs.vain import FailedLookup
from careen.model.runs.workload import WorkloadResult
from careen.model.verdict import Verdict
from careen.repair.mentions import MAX_TAIL, mentions
from careen.repair.removed import Removed
from careen.repair.suspect import Strength, Suspect, strongest

EXPLORED = "explore:"  # prefix of the names of experiments
MAX_ANSWERS = 2000
_REAL_USES = (Use.EXECUTED, Use.MAPPED, Use.OPENED)
_ORDER = {use: rank for rank, use in enumerate(Use)}


@dataclass(frozen=True, slots=True)
class Heard:
    """Output of one run on the hardened image.

    `found` has (program, base name) of each file that a program found.
    """

    texts: tuple[str, ...] = ()
    # A lookup along a search path that succeeds in the end explains no failure.
    found: frozenset[tuple[str, str]] = field(default=frozenset())


def workload_output(result: WorkloadResult | None, traces: Iterable[Trace]) -> Heard:
    """Return a workload's output: failing tests, container logs, and the reasons of the failure."""
    texts: list[str] = []
    if result is not None:
        for test in result.tests:
            if not test.passed:
                texts += [*(case.message for case in test.results), test.output]
        texts += [result.logs, *(test.reason for test in result.tests), result.reason]
    return Heard(tuple(text for text in texts if text), _found(traces))


def experiment_output(explored: Explored) -> Heard:
    """Return an experiment's output: its answers, and its container's logs."""
    texts = [
        text
        for answer in explored.answers[:MAX_ANSWERS]
        for text in (answer.note, answer.body)
        if text
    ]
    return Heard(
        (*texts, explored.skipped, explored.logs),
        _found((explored.trace,) if explored.trace is not None else ()),
    )


def _found(traces: Iterable[Trace]) -> frozenset[tuple[str, str]]:
    touches = (touch for trace in traces for touch in trace.touches)
    return frozenset(
        (touch.executable, touch.given.rpartition("/")[2])
        for touch in touches
        if touch.errno == 0 and touch.use in _REAL_USES
    )


def failing_names(verdict: Verdict, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known workloads and experiments (`explore:` and the id) that a verdict fails for.

    Failures of flaky tests do not count.
    """
    # `where` of a deviation is a name, or starts with one and a colon or blank.
    before = {result.workload: result for result in verdict.original}
    names: dict[str, None] = {}
    for result in verdict.hardened:
        original = before.get(result.workload)
        if original is not None and Verdict((original,), (result,), flaky=verdict.flaky).failures():
            names[result.workload] = None
    for deviation in _failures(verdict):
        whose = [each for each in known if is_about(deviation, each)]
        if whose:
            names[max(whose, key=len)] = None
    return tuple(names)


def is_about(deviation: Deviation, name: str) -> bool:
    """Return whether a deviation is about the workload or experiment of that name."""
    return deviation.where == name or deviation.where.startswith((f"{name}:", f"{name} "))


def _failures(verdict: Verdict) -> tuple[Deviation, ...]:
    return tuple(deviation for deviation in verdict.steady() if deviation.weight is Weight.FAILURE)


def attribute(
    verdict: Verdict, removed: Removed, heard: Mapping[str, Heard], but: Collection[str] = ()
) -> tuple[Suspect, ...]:
    """Return the removed paths that may explain a failed verdict, each once, strongest first.

    `heard` has the runs' output by workload or experiment; those in `but` are ignored. The evidence
    is messages and failed lookups of the failing ones, and the causes that deviations name.
    """
    failing = [where for where in failing_names(verdict, heard) if where not in but]
    found: list[Suspect] = []
    for where in failing:
        found += _said(heard.get(where, Heard()), removed)
    for where in failing:
        found += _failed_lookups(verdict.vain.get(where, ()), heard.get(where, Heard()), removed)
    for deviation in (
        each for each in _failures(verdict) if not any(is_about(each, one) for one in but)
    ):
        why = f"failed lookup when {deviation.where} differed"
        paths = (item for cause in deviation.cause for item in removed.whole(cause))
        found += (
            Suspect(path, "looked up", why, _weight_of(path, removed, Strength.STRONG))
            for path in paths
        )
    return tuple(
        sorted(
            strongest(found).values(),
            key=lambda suspect: (-suspect.strength, suspect.how != "said", suspect.path),
        )
    )


def _said(heard: Heard, removed: Removed) -> Iterable[Suspect]:
    for mention in mentions(
        text[-MAX_TAIL:] if len(text) > 2 * MAX_TAIL else text for text in heard.texts
    ):
        meant = removed.meant(mention)
        vague = mention.kind == "word" and len({parent(path) for path in meant}) > 1
        for path in meant:
            yield Suspect(
                path, "said", f"said: {mention.line}", Strength.WEAK if vague else Strength.STRONG
            )


def _failed_lookups(
    lookups: Iterable[FailedLookup], heard: Heard, removed: Removed
) -> Iterable[Suspect]:
    for lookup in sorted(lookups, key=lambda each: (_ORDER[each.use], each.path, each.executable)):
        strength = Strength.STRONG if _ORDER[lookup.use] <= _ORDER[Use.LISTED] else Strength.WEAK
        if (lookup.executable, name(lookup.path)) in heard.found:
            strength = Strength.WEAK
        by = f" by {lookup.executable}" if lookup.executable else ""
        for path in removed.whole(lookup.path):
            yield Suspect(
                path,
                lookup.use.value,
                f"failed lookup: {lookup.use.value}{by}",
                _weight_of(path, removed, strength),
            )


def _weight_of(path: ImagePath, removed: Removed, strength: Strength) -> Strength:
    """Return the strength, weak for byte code whose source is kept (PEP 3147)."""
    # Python compiles it again.
    source = source_of(path)
    return (
        Strength.WEAK
        if source is not None and source in removed.rootfs and source not in removed
        else strength
    )
