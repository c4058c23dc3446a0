"""Count of the cases in a test command's output: pytest, unittest, TAP and `go test -v`.

Skipped cases do not count: a hardened image whose tests skip themselves must not look as well
tested as the original.
"""

import re

_TAIL = 1 << 20
_RAN = ("passed", "failed", "error", "errors", "xfailed", "xpassed")
_PYTEST = re.compile(
    r"^(?:=+ )?((?:\d{1,9} [a-z]+(?: [a-z]+)?, )*\d{1,9} [a-z]+(?: [a-z]+)?) in [\d.]+s\b",
    re.MULTILINE,
)
_PYTEST_NONE = re.compile(r"^(?:=+ )?no tests ran in [\d.]+s\b", re.MULTILINE)
_UNITTEST = re.compile(r"^Ran (\d{1,9}) tests? in [\d.]+s$", re.MULTILINE)
_UNITTEST_SKIPPED = re.compile(r"^(?:OK|FAILED) \([^)\n]*\bskipped=(\d{1,9})\b", re.MULTILINE)
_TAP_PLAN = re.compile(r"^1\.\.\d+", re.MULTILINE)
_TAP = re.compile(r"^(?:not )?ok\b(?![^\n]*# (?:SKIP|skip))", re.MULTILINE)
_GO = re.compile(r"^[ \t]*--- (?:PASS|FAIL): ", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def count_cases(output: str) -> int | None:
    """Return the number of cases that ran, over all summaries, or None without a summary."""
    text = _COLOUR.sub("", output[-_TAIL:])
    counts = [
        count
        for count in (_pytest(text), _unittest(text), _tap(text), _go(text))
        if count is not None
    ]
    return sum(counts) if counts else None


def _pytest(text: str) -> int | None:
    summaries = [match.group(1) for match in _PYTEST.finditer(text)]
    pairs = [part.partition(" ")[::2] for summary in summaries for part in summary.split(", ")]
    known = [
        pair
        for pair in pairs
        if pair[1] in (*_RAN, "skipped", "deselected", "warnings", "warning", "rerun")
    ]
    if not known and not _PYTEST_NONE.search(text):
        return None
    return sum(int(number) for number, word in known if word in _RAN)


def _unittest(text: str) -> int | None:
    found = [int(match.group(1)) for match in _UNITTEST.finditer(text)]
    if not found:
        return None
    return max(
        0, sum(found) - sum(int(match.group(1)) for match in _UNITTEST_SKIPPED.finditer(text))
    )


def _tap(text: str) -> int | None:
    return len(_TAP.findall(text)) if _TAP_PLAN.search(text) else None


def _go(text: str) -> int | None:
    return len(_GO.findall(text)) or None
