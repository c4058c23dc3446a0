"""Reader of the cases in a JUnit XML report, and when each began if the report says so.

There is no standard: it reads what pytest, surefire, gtest, jest and go-junit-report have in common
(`testsuite`, `testcase`, `failure`, `error`, `skipped`). A report may hold a service's output and
so is not trusted: document types and entities are refused, depth and number are limited.
"""

import datetime as dt
import io
import math
from dataclasses import dataclass, field
from typing import Any

from careen.errors import InputError
from careen.model.runs.workload import CaseResult, Outcome
from careen.workload.plain import first_line, harmless

MAX_CASES = 20_000
MAX_DEPTH = 64
MAX_ELEMENTS = 1_000_000  # 32 MiB of empty ones would take 800 MB and half a minute
LONGEST_NAME = 500
_OUTCOMES = {"failure": Outcome.FAILED, "error": Outcome.ERROR, "skipped": Outcome.SKIPPED}
_NOT_RUN = frozenset({"notrun", "disabled"})  # of gtest and ctest, which may have no `skipped`
_SLACK = 2.0  # seconds by which the wall clock and the monotonic clock may differ
_PARALLEL = 0.5  # seconds by which the cases of one process may exceed their suite, by rounding


@dataclass(frozen=True, slots=True)
class Window:
    """When a command ran, on the monotonic clock; `wall` is the offset to the time of day."""

    begun: float
    ended: float
    wall: float

    def moment(self, text: str) -> float | None:
        """Return an ISO 8601 time on the monotonic clock, or None if invalid or outside the window.

        A time without a zone is local, or else UTC.
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
    """A `testsuite` being read: its cases, each with its time stamp, if any."""

    name: str
    timestamp: str
    seconds: float | None
    cases: list[tuple[CaseResult, str]] = field(default_factory=list)

    def placed(self, window: Window) -> list[CaseResult]:
        """Return the cases with their start: their own time stamp, else their turn in the suite."""
        # Cases that together take longer than the suite ran in parallel: their turn is unknown.
        total = sum(case.seconds for case, _ in self.cases)
        span = total if self.seconds is None else self.seconds
        at = (
            window.moment(self.timestamp)
            if self.timestamp and total <= span * 1.05 + _PARALLEL
            else None
        )
        if at is not None and self.name == "pytest":
            # pytest's time stamp is from before collection, which takes most of the rest.
            at += max(span - total, 0.0)
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
    """Return the cases in the report's order, at most 20,000.

    Raises InputError for other documents and for one with a document type or entities.
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
    ran = element.get("status", "").lower() not in _NOT_RUN
    outcome, message = Outcome.PASSED if ran else Outcome.SKIPPED, ""
    for child in element:
        kind = _local(child.tag)
        if kind in _OUTCOMES and outcome in (Outcome.PASSED, Outcome.SKIPPED):
            expected = child.get("type", "") == "pytest.xfail"  # it ran and failed as expected
            outcome = Outcome.PASSED if expected else _OUTCOMES[kind]
            message = "" if expected else first_line(child.get("message") or child.text or "")
    return CaseResult(
        harmless(f"{group}::{name}" if group else name)[:LONGEST_NAME],
        outcome,
        _seconds(element.get("time")) or 0.0,
        None,
        message,
    )
