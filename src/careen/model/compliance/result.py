"""The result of one check, with its evidence."""

import enum
from dataclasses import dataclass


class Result(enum.Enum):
    """What is known of a requirement."""

    PASS = "pass"  # noqa: S105 — a word, no secret
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"  # what it asks about cannot be in this image
    NOT_EVALUABLE = "not-evaluable"  # the evidence that could decide it is missing
    INHERITED = "inherited"  # the platform that runs the image answers it
    MANUAL = "manual"  # a person must judge it


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check saw: a path of the image or a key of its configuration, and the value there.

    `digest` is that of the file's content, "" if it was not read.
    """

    where: str
    value: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check on one image.

    `found` counts all evidence, of which `evidence` has the first. `command` shows the same by
    hand, for an assessor.
    """

    check: str
    title: str
    result: Result
    reason: str
    evidence: tuple[Evidence, ...]
    found: int
    fix: str
    command: str
