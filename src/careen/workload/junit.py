"""The single cases of a report in JUnit XML, and when each of them began as far as the report
tells.

There is no standard: what is read is what pytest, surefire, gtest, jest and go-junit-report agree
on (`testsuite`, `testcase`, `failure`, `error`, `skipped`). A report comes from the user's own
test, which may have written into it what a service said; so entities and document types are
refused, depth and number are capped.
"""

import datetime as dt
import io
import math
from dataclasses import dataclass, field
from typing import Any

from careen.errors import InputError
from careen.model.workload import CaseResult, Outcome
from careen.workload.plain import first_line, harmless

MAX_CASES = 20_000
MAX_DEPTH = 64
MAX_ELEMENTS = 1_000_000  # 32 MiB of empty ones would take 800 MB and half a minute
LONGEST_NAME = 500
_OUTCOMES = {"failure": Outcome.FAILED, "error": Outcome.ERROR, "skipped": Outcome.SKIPPED}
_SLACK = (
    2.0  # seconds by which the clock on the wall and the monotonic one may disagree about a window
)
_PARALLEL = 0.5  # seconds by which the cases of one process may exceed their suite, for rounding


@dataclass(frozen=True, slots=True)
class Window:
    """When a command ran, on the monotonic clock, and what to add to come to the time of day."""

    begun: float
    ended: float
    wall: float

    def moment(self, text: str) -> float | None:
        """Return an RFC 3339 time (without a zone: local, else UTC) on the monotonic clock; None if
        it is no time or not within this window.
        """
        try:
            read = dt.datetime.fromisoformat(text.strip())
            zoned = (read,) if read.tzinfo else (read.astimezone(), read.replace(tzinfo=dt.UTC))
            seconds = [each.timestamp() - self.wall for each in zoned]
        except (ValueError, OverflowError, OSError):
            return None
        within = (at for at in seconds if self.begun - _SLACK <= at <= self.ended + _SLACK)
        return next((min(max(at, self.begun), self.ended) for at in within), None)


@dataclass(slots=True)
class _Suite:
    """A `testsuite` that is being read: its cases with the time of day that each states, if any."""

    name: str
    timestamp: str
    seconds: float | None
    cases: list[tuple[CaseResult, str]] = field(default_factory=list)

    def placed(self, window: Window) -> list[CaseResult]:
        """Give each case its beginning: its own time stamp, else its turn after the suite's. Cases
        that take longer together than it ran in parallel.
        """
        total = sum(case.seconds for case, _ in self.cases)
        span = total if self.seconds is None else self.seconds
        at = (
            window.moment(self.timestamp)
            if self.timestamp and total <= span * 1.05 + _PARALLEL
            else None
        )
        if at is not None and self.name == "pytest":
            at += max(
                span - total, 0.0
            )  # it counts from before collection, which is most of what is no case's time
        out: list[CaseResult] = []
        for case, stamp in self.cases:
            begun = window.moment(stamp) if stamp else None
            begun = begun if begun is not None else at
            out.append(
                CaseResult(
                    case.name,
                    case.outcome,
                    case.seconds,
                    min(begun, window.ended) if begun is not None else None,
                    case.message,
                )
            )
            at = at + case.seconds if at is not None else None
        return out


def read_junit(data: bytes, window: Window) -> tuple[CaseResult, ...]:
    """Return the cases in the report's order, 20,000 at most. Raises InputError for what is no such
    report, and for one with a document type or entities.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    out: list[CaseResult] = []
    suites: list[_Suite] = []
    depth = elements = 0
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            tag = _local(element.tag)
            if event == "start":
                depth += 1
                elements += 1
                if depth == 1 and tag not in ("testsuites", "testsuite"):
                    msg = f"not a report in JUnit XML: its root is {tag[:40]!r}"
                    raise InputError(msg)
                if depth > MAX_DEPTH:
                    msg = f"not a report in JUnit XML: nested more than {MAX_DEPTH} deep"
                    raise InputError(msg)
                if elements > MAX_ELEMENTS:
                    msg = f"not a report in JUnit XML: more than {MAX_ELEMENTS:,} elements"
                    raise InputError(msg)
                if tag == "testsuite":
                    suites.append(
                        _Suite(
                            element.get("name", ""),
                            element.get("timestamp", ""),
                            _seconds(element.get("time")),
                        )
                    )
                continue
            depth -= 1
            if (
                tag == "testcase"
                and suites
                and len(out) + sum(len(suite.cases) for suite in suites) < MAX_CASES
            ):
                suites[-1].cases.append(
                    (_case(element, suites[-1].name), element.get("timestamp", ""))
                )
            elif tag == "testsuite":
                out += suites.pop().placed(window)
            if tag in ("testcase", "testsuite", "system-out", "system-err"):
                element.clear()
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        msg = f"not a report in JUnit XML: {first_line(str(error))}"
        raise InputError(msg) from error
    return tuple(out)


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _seconds(text: str | None) -> float | None:
    try:
        value = float((text or "").replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _case(element: Any, suite: str) -> CaseResult:
    group = element.get("classname") or (suite if suite != "pytest" else "")
    name = element.get("name", "")
    outcome, message = Outcome.PASSED, ""
    for child in element:
        kind = _local(child.tag)
        if kind in _OUTCOMES and outcome in (Outcome.PASSED, Outcome.SKIPPED):
            expected = child.get("type", "") == "pytest.xfail"  # it ran, and failed as it should
            outcome = Outcome.PASSED if expected else _OUTCOMES[kind]
            message = "" if expected else first_line(child.get("message") or child.text or "")
    return CaseResult(
        harmless(f"{group}::{name}" if group else name)[:LONGEST_NAME],
        outcome,
        _seconds(element.get("time")) or 0.0,
        None,
        message,
    )
