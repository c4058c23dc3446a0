"""Score, verdict and advice from the measured parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from careen.adequacy.curve import Curve
from careen.adequacy.hanging import Cold, Hanging
from careen.adequacy.operations import Called
from careen.adequacy.saturation import Saturation
from careen.adequacy.words import percent_up, several, shown, size
from careen.model.adequacy import Adequacy, Part, UnexercisedPackage

HEAVY = 1_000_000  # bytes; things this large are named before other gaps
MAX_ADVICE = 12
MAX_HANGING = 50
_COLD = {
    Cold.OPERATION: "the tests never call {}",
    Cold.MODULE: "the tests never load {}",
    Cold.TRY: "no test does what exploration tried with {}",
    Cold.CONDITION: "no test runs under the condition {}",
    Cold.IMPORT: "no test needs the module {}, which exploration imported",
}
_MISSING_TESTS = (Cold.OPERATION, Cold.MODULE)
_CIRCUMSTANCES = (Cold.TRY, Cold.CONDITION)


@dataclass(frozen=True, slots=True)
class Measured:
    """Input of a judgement; `gap` says what of the workloads was not watched, "" for nothing."""

    curve: Curve
    saturation: Saturation
    called: Called
    modules: Part
    ports: Part
    entry_points: Part
    hanging: tuple[Hanging, ...] = ()
    unexercised: tuple[UnexercisedPackage, ...] = ()
    gap: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.saturation.part, self.called.part, self.modules, self.ports, self.entry_points)


def judge(measured: Measured) -> Adequacy:
    """Return the adequacy.

    The score is the smallest known share of saturation, operations and application modules, and at
    most what so few steps can show. Ports and entry points do not count. A profile with a gap has
    no score.
    """
    # A strong part must not make up for a weak one.
    shares = [part.share for part in measured.parts if part.counts and part.share is not None]
    if shares and measured.saturation.most is not None:
        shares.append(measured.saturation.most)
    first, then = _heavy(measured.hanging, _MISSING_TESTS), _heavy(measured.hanging, _CIRCUMSTANCES)
    gap = (f"the profile is incomplete: {measured.gap}",) if measured.gap else ()
    sentences = tuple(
        dict.fromkeys(
            (
                *gap,
                *first,
                *_gaps(measured),
                *then,
                *_imports(measured.hanging),
                *_light(measured.hanging),
                *_minor_notes(measured),
            )
        )
    )
    return Adequacy(
        score=None if measured.gap else min(shares, default=None),
        verdict=sentences[0] if measured.gap else f"{_full_coverage(measured)}{sentences[0]}",
        parts=measured.parts,
        steps=measured.curve.steps,
        idle=tuple(step.name for step in measured.curve.steps if not step.new_files),
        unseen=measured.saturation.unseen,
        advice=sentences[1 : MAX_ADVICE + 1],
        hanging=_largest(measured.hanging),
        before=measured.curve.before,
        unexercised=measured.unexercised,
    )


def _full_coverage(measured: Measured) -> str:
    """Return what is fully covered as text, "" unless operations and modules are both complete."""
    parts = [part for part in (measured.called.part, measured.modules) if part.share is not None]
    if not parts or any(part.share != 1 for part in parts):
        return ""
    return (
        "the tests cover"
        f" {' and '.join(f'{part.covered:,} of {part.total:,} {part.title}' for part in parts)}; "
    )


def _largest(hanging: Sequence[Hanging]) -> dict[str, int]:
    """Return the bytes by name; of equal names, the larger counts."""
    # Names come from the image and may collide.
    out: dict[str, int] = {}
    for item in hanging[:MAX_HANGING]:
        out.setdefault(item.name, item.bytes)
    return out


def _heavy(hanging: Sequence[Hanging], kinds: Sequence[Cold]) -> Iterator[str]:
    yield from (_sentence(item) for item in hanging if item.bytes >= HEAVY and item.cold in kinds)


def _imports(hanging: Sequence[Hanging]) -> Iterator[str]:
    """Yield one sentence for all imported modules, as a sweep imports hundreds."""
    found = [item for item in hanging if item.cold is Cold.IMPORT]
    total = sum(item.bytes for item in found)
    if len(found) == 1 and total >= HEAVY:
        yield _sentence(found[0])
    elif total >= HEAVY:
        named = several([f"{item.name} ({size(item.bytes)})" for item in found])
        yield (
            f"no test needs {len(found):,} modules that exploration imported; they account for"
            f" {size(total)}: {named}"
        )


def _light(hanging: Sequence[Hanging]) -> Iterator[str]:
    """Yield sentences for small operations, for which a test can be written."""
    yield from (
        _sentence(item) for item in hanging if item.bytes < HEAVY and item.cold is Cold.OPERATION
    )


def _sentence(item: Hanging) -> str:
    return f"{_COLD[item.cold].format(shown(item.name))}; it accounts for {size(item.bytes)}"


def _gaps(measured: Measured) -> Iterator[str]:
    """Yield what counts and is not covered, then what is unknown."""
    counted = (measured.called.part, measured.modules, measured.saturation.part)
    told = {item.name for item in measured.hanging if item.bytes >= HEAVY}
    for part in counted:
        all_told = (
            part is not measured.saturation.part
            and bool(part.missing)
            and told.issuperset(part.missing)
        )
        if part.share is not None and part.share < 1 and not all_told:
            yield from _gap(part, measured)
    for part in counted:
        if part.share is None and (text := _unknown(part, measured)):
            yield text


def _gap(part: Part, measured: Measured) -> Iterator[str]:
    total, covered = part.total or 0, part.covered or 0
    if part.id == "saturation" and measured.saturation.unseen is not None:
        unit = measured.curve.unit
        calm = f"the last {total} {unit}s used no new file"
        found = (
            calm
            if covered == total
            else (f"{total - covered} of the last {total} {unit}s used new files")
        )
        yield (
            f"{found}: one more {unit} like them uses a new file with a probability of up to"
            f" {percent_up(measured.saturation.unseen)}"
        )
    elif part.id == "operations":
        yield (
            f"the tests never call {total - covered} of {total} operations:"
            f" {several(part.missing, total - covered)}"
        )
    elif part.id == "application-modules":
        yield (
            f"{total - covered} of {total} of the application's own modules were never loaded:"
            f" {several(part.missing, total - covered)}"
        )


def _unknown(part: Part, measured: Measured) -> str:
    if part.id == "saturation" and not measured.curve.steps and not measured.curve.why:
        return "no test was run, so coverage is unknown: add tests with --test or --exec"
    if part.id == "saturation":
        hint = (
            "; write JUnit XML to $CAREEN_RESULTS to count test cases"
            if measured.curve.commands
            else ""
        )
        return f"saturation is unknown: {part.why}{hint}"
    if part.id == "operations" and part.total is not None:
        return f"unknown which of {part.total} operations the tests call: {part.why}"
    return ""


def _minor_notes(measured: Measured) -> Iterator[str]:
    if measured.called.refused:
        yield f"the tests got only 4xx responses from {several(measured.called.refused)}"
    if measured.ports.missing:
        lacking = (measured.ports.total or 0) - (measured.ports.covered or 0)
        yield f"exposed ports that were not used: {several(measured.ports.missing, lacking)}"
    if measured.entry_points.missing:
        lacking = (measured.entry_points.total or 0) - (measured.entry_points.covered or 0)
        yield f"never started: {several(measured.entry_points.missing, lacking)}"
    whole = [item for item in measured.unexercised if item.whole]
    if whole:
        first = several([_package(item) for item in whole], len(whole))
        yield (
            f"kept although no workload ran it, {size(sum(item.bytes for item in whole))} in total:"
            f" {first}"
        )


def _package(item: UnexercisedPackage) -> str:
    return f"{item.purl.partition('?')[0].removeprefix('pkg:')} ({size(item.bytes)})"
