"""What a check is, and the decisions that it can make."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence, Result

SHOWN = 50  # pieces of evidence that one result lists; the rest is counted


@dataclass(frozen=True, slots=True)
class Decision:
    """A result, the reason in one sentence, and the first of `found` pieces of evidence."""

    result: Result
    reason: str
    evidence: tuple[Evidence, ...] = ()
    found: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """A question to an image.

    `reads` says which evidence it uses, `fix` what to do if it fails, `command` how to see the same
    by hand. `decide` may raise ImageError for content that cannot be read.
    """

    id: str
    title: str
    reads: str
    fix: str
    command: str
    decide: Callable[[Subject], Decision]


def passed(reason: str, evidence: Iterable[Evidence] = ()) -> Decision:
    """Decide that the image meets the requirement."""
    return _decided(Result.PASS, reason, evidence)


def failed(reason: str, evidence: Iterable[Evidence] = ()) -> Decision:
    """Decide that the image does not meet the requirement."""
    return _decided(Result.FAIL, reason, evidence)


def not_evaluable(reason: str) -> Decision:
    """Decide that the evidence is missing: the check could not fail on this image."""
    return Decision(Result.NOT_EVALUABLE, reason)


def not_applicable(reason: str, evidence: Iterable[Evidence] = ()) -> Decision:
    """Decide that what the check asks about is not in the image."""
    return _decided(Result.NOT_APPLICABLE, reason, evidence)


def manual(reason: str, evidence: Iterable[Evidence]) -> Decision:
    """Decide that a person must judge the evidence."""
    return _decided(Result.MANUAL, reason, evidence)


def none_of(found: Iterable[Evidence], bad: str, good: str) -> Decision:
    """Fail with `bad` (`{}` is the number of findings) if anything was found, else pass."""
    decision = _decided(Result.FAIL, bad, found)
    if not decision.found:
        return Decision(Result.PASS, good)
    return replace(decision, reason=bad.format(decision.found))


def _decided(result: Result, reason: str, evidence: Iterable[Evidence]) -> Decision:
    # A hostile image can give a million pieces of evidence.
    shown: list[Evidence] = []
    count = 0
    for each in evidence:
        count += 1
        if count <= SHOWN:
            shown.append(each)
    return Decision(result, reason, tuple(shown), count)
