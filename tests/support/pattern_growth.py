"""Whether the work of a regular expression grows faster than the text.

The matcher cannot count its steps, so the time of this thread on the processor is measured, which
other programs do not take part in, and the least of several. A text is judged by how the time grows
with it: four times the text takes four times the work where that is linear, sixteen times where it
is quadratic. Only what takes long at all is measured again, so that a busy machine costs time and
no verdict.
"""

import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from tests.support.pattern_pumps import pumps
from tests.support.pattern_sites import Site

_SIZE = 2048
_FIRST = 1024
_QUICK = 0.000125
"""Seconds: a quadratic search of 1,024 characters takes at least half a million steps."""

_MOST = 8.0  # of the growth from a text to four times the text: 4 is linear, 16 is quadratic
_LIMIT = 1.0
_ALL = frozenset({"finditer", "findall", "sub", "subn", "split"})

Operation = Callable[[str | bytes], object]


class _TooLongError(Exception):
    """The time for one text is up."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A text of which an expression makes too much work."""

    where: str
    pattern: str
    method: str
    head: str
    unit: str
    tail: str


def growing(site: Site) -> Growth | None:
    """Return a text on which the work of an expression grows faster than linearly, None if none of
    those tried is one.
    """
    expression: re.Pattern[str] | re.Pattern[bytes] = re.compile(site.pattern, site.flags)
    plain = site.pattern if isinstance(site.pattern, str) else site.pattern.decode("latin-1")
    for head, unit, tail in pumps(plain, expression.flags):
        for method, operation in _operations(expression, site.methods):

            def text(
                size: int, head: str = head, unit: str = unit, tail: str = tail
            ) -> str | bytes:
                out = head + unit * (size // len(unit)) + tail
                return out if isinstance(site.pattern, str) else out.encode()

            if grows(operation, text):
                return Growth(site.where, plain, method, head, unit, tail)
    return None


def _operations(
    expression: re.Pattern[str] | re.Pattern[bytes], methods: frozenset[str]
) -> Iterator[tuple[str, Operation]]:
    if methods & _ALL:
        yield "finditer", lambda text: sum(1 for _ in expression.finditer(text))  # type: ignore[arg-type, misc]
    elif "search" in methods:
        yield "search", expression.search  # type: ignore[misc]
    if "match" in methods:
        yield "match", expression.match  # type: ignore[misc]
    if "fullmatch" in methods:
        yield "fullmatch", expression.fullmatch  # type: ignore[misc]


def grows(operation: Operation, text: Callable[[int], str | bytes]) -> bool:
    """Say whether the work of an operation grows faster than the text, of which `text` makes one of
    a size.
    """
    first = _seconds(operation, text(_FIRST), 1)
    if first >= _LIMIT:
        return True  # a millisecond for each character is too much, however it grows
    if first < _QUICK or first < _MOST * 0.75 * _seconds(operation, text(_FIRST // 4), 2):
        return False
    # A repetition of up to some thousand times is linear only on a text that is longer than that.
    few, many = (_seconds(operation, text(size), 2) for size in (_SIZE, 4 * _SIZE))
    if many < min(_MOST * few, _LIMIT):
        return False
    return _seconds(operation, text(16 * _SIZE), 2) >= min(_MOST * many, _LIMIT)


def _seconds(operation: Operation, text: str | bytes, times: int) -> float:
    """Return the least time on the processor; the limit if it takes longer than that."""
    before = signal.signal(signal.SIGVTALRM, _stop)
    least = _LIMIT
    try:
        for _ in range(times):
            signal.setitimer(signal.ITIMER_VIRTUAL, _LIMIT)
            begun = time.thread_time()
            operation(text)
            least = min(least, time.thread_time() - begun)
    except _TooLongError:
        return _LIMIT
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return least


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _TooLongError
