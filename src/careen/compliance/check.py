"""What a check is, and the decisions that it can make."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence, Result


@dataclass(frozen=True, slots=True)
class Decision:
    """A result, the reason in one sentence, and the evidence."""

    result: Result
    reason: str
    evidence: tuple[Evidence, ...] = ()


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
    return Decision(Result.PASS, reason, tuple(evidence))


def failed(reason: str, evidence: Iterable[Evidence] = ()) -> Decision:
    """Decide that the image does not meet the requirement."""
    return Decision(Result.FAIL, reason, tuple(evidence))


def not_evaluable(reason: str) -> Decision:
    """Decide that the evidence is missing: the check could not fail on this image."""
    return Decision(Result.NOT_EVALUABLE, reason)


def not_applicable(reason: str, evidence: Iterable[Evidence] = ()) -> Decision:
    """Decide that what the check asks about is not in the image."""
    return Decision(Result.NOT_APPLICABLE, reason, tuple(evidence))


def manual(reason: str, evidence: Iterable[Evidence]) -> Decision:
    """Decide that a person must judge the evidence."""
    return Decision(Result.MANUAL, reason, tuple(evidence))


def none_of(found: Iterable[Evidence], bad: str, good: str) -> Decision:
    """Fail with `bad` (`{}` is the number of findings) if anything was found, else pass."""
    listed = tuple(found)
    return failed(bad.format(len(listed)), listed) if listed else passed(good)
