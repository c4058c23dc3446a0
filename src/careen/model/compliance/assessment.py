"""An assessment: what the checks and the items of each framework came to on one image."""

from collections.abc import Iterable
from dataclasses import dataclass

from careen.model.compliance.framework import Severity
from careen.model.compliance.result import CheckResult, Result
from careen.model.compliance.second_opinion import SecondOpinion
from careen.model.cryptography.module import CryptoInventory


@dataclass(frozen=True, slots=True)
class Coverage:
    """Numbers of a framework's items by result; `evaluated` are those that passed or failed."""

    items: int
    evaluated: int
    passed: int
    failed: int
    not_applicable: int
    not_evaluable: int
    inherited: int
    manual: int


def coverage_of(results: Iterable[Result]) -> Coverage:
    """Count results."""
    listed = tuple(results)
    passed, failed = listed.count(Result.PASS), listed.count(Result.FAIL)
    return Coverage(
        items=len(listed),
        evaluated=passed + failed,
        passed=passed,
        failed=failed,
        not_applicable=listed.count(Result.NOT_APPLICABLE),
        not_evaluable=listed.count(Result.NOT_EVALUABLE),
        inherited=listed.count(Result.INHERITED),
        manual=listed.count(Result.MANUAL),
    )


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The result of one item of a framework.

    `reason` is that of its checks or its rationale; `rest` says what is not shown by it. The other
    fields are the item's.
    """

    id: str
    title: str
    result: Result
    reason: str
    rest: str
    checks: tuple[str, ...]
    controls: tuple[str, ...]
    cci: tuple[str, ...]
    criteria: tuple[str, ...]
    severity: Severity
    group: str


@dataclass(frozen=True, slots=True)
class FrameworkResult:
    """The results of a framework's items, and their numbers.

    There is no verdict of the whole: an image shows only its own side.
    """

    id: str
    title: str
    content: str
    dated: str
    source: str
    owner: str
    coverage: Coverage
    items: tuple[ItemResult, ...]


@dataclass(frozen=True, slots=True)
class DatedSource:
    """A source of data that results depend on, and its date ("" if it states none)."""

    name: str
    date: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was assessed, by what, when, and with which results.

    `digest` names the image: that of its manifest, else of its configuration. `databases` are the
    feeds of advisories, `inputs` the files that the user gave. `second_opinion` is None if nobody
    asked for one, `cryptography` if no framework asks for it.
    """

    subject: str
    digest: str
    config_digest: str
    platform: str
    tool: str
    started: str
    ended: str
    paths: int
    packages: int
    databases: tuple[DatedSource, ...]
    inputs: tuple[str, ...]
    notes: tuple[str, ...]
    checks: tuple[CheckResult, ...]
    frameworks: tuple[FrameworkResult, ...]
    second_opinion: SecondOpinion | None = None
    cryptography: CryptoInventory | None = None

    def check(self, name: str) -> CheckResult:
        """Return the result of a check that was run."""
        return next(each for each in self.checks if each.check == name)


@dataclass(frozen=True, slots=True)
class Compliance:
    """The assessments of all images of one run."""

    assessments: tuple[Assessment, ...]
