"""The cases in a test's output: TAP, `pytest -v`, `go test -v`, `unittest -v`.

None of these formats says when a case began.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from careen.model.runs.workload import CaseResult, Outcome
from careen.workload.junit import LONGEST_NAME, MAX_CASES
from careen.workload.plain import first_line, harmless

# A test may print what a service sent, so each expression takes linear time.

_LONGEST_LINE = 4096
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PLAN = re.compile(r"1\.\.\d+\b")
_TAP = re.compile(
    r"(not )?ok\b(?:\s+(\d+))?(?:\s+-)?\s*([^#]*)(?:#\s*(skip|todo)\b)?", re.IGNORECASE
)
_DIAGNOSTIC = re.compile(r"\s+(duration_ms|message|error):\s*(.+)")
_WORD = r"(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)"
_ENDED = re.compile(rf" {_WORD}(?= \(|\Z)")
_XDIST = re.compile(rf"\[gw\d{{1,9}}\](?: \[ {{0,3}}\d{{1,3}}%\])? {_WORD} ")
_SUMMARY = re.compile(r"(?:FAILED|ERROR) ")
_GO = re.compile(r"\s*--- (PASS|FAIL|SKIP): (\S+)(?: \((\d{1,9}(?:\.\d{1,9})?)s\))?")
_UNITTEST = re.compile(
    r"(\w+ \([\w.]+\))(?: \.\.\.|.* \.\.\.) (ok|FAIL|ERROR|skipped\b.*|expected failure|unexpected"
    r" success)\s*\Z",
    re.DOTALL,
)
_OUTCOMES: Mapping[str, Outcome] = {
    "PASSED": Outcome.PASSED,
    "XPASS": Outcome.PASSED,
    "XFAIL": Outcome.PASSED,
    "PASS": Outcome.PASSED,
    "ok": Outcome.PASSED,
    "expected failure": Outcome.PASSED,
    "FAILED": Outcome.FAILED,
    "FAIL": Outcome.FAILED,
    "unexpected success": Outcome.FAILED,
    "ERROR": Outcome.ERROR,
    "SKIPPED": Outcome.SKIPPED,
    "SKIP": Outcome.SKIPPED,
}


def read_text_results(output: str) -> tuple[CaseResult, ...]:
    """Return the cases in the output's order, at most 20,000; none for unknown formats.

    TAP counts only with its plan.
    """
    lines = [line[:_LONGEST_LINE] for line in _COLOUR.sub("", output).splitlines()]
    readers: tuple[Callable[[list[str]], Iterable[CaseResult]], ...] = (
        _tap,
        _pytest,
        _go,
        _unittest,
    )
    return tuple(case for reader in readers for case in reader(lines))[:MAX_CASES]


def _made(name: str, outcome: Outcome, seconds: float = 0.0, message: str = "") -> CaseResult:
    return CaseResult(harmless(name).strip()[:LONGEST_NAME], outcome, seconds, None, message)


def _tap(lines: list[str]) -> list[CaseResult]:
    """Return the top-level points with the duration and error of the indented block after each."""
    # Subtests are left out: the point that closes them repeats their result.
    out: list[CaseResult] = []
    if not any(_PLAN.match(line) for line in lines):
        return out
    for line in lines:
        if line.startswith(("ok", "not ok")) and (match := _TAP.match(line)):
            directive = (match[4] or "").lower()
            failed = bool(match[1]) and not directive  # "not ok # todo" is an expected failure
            outcome = (
                Outcome.SKIPPED
                if directive == "skip"
                else Outcome.FAILED
                if failed
                else Outcome.PASSED
            )
            out.append(_made(match[3].strip() or f"test {match[2] or len(out) + 1}", outcome))
        elif out and line.startswith(" ") and (told := _DIAGNOSTIC.match(line)):
            out[-1] = _told(out[-1], told[1], told[2])
    return out


def _told(case: CaseResult, key: str, value: str) -> CaseResult:
    if key == "duration_ms":
        number = re.match(r"\d{1,9}(?:\.\d{1,9})?", value)
        return (
            _made(case.name, case.outcome, float(number[0]) / 1000, case.message)
            if number
            else case
        )
    return (
        _made(case.name, case.outcome, case.seconds, case.message or first_line(value.strip("'\"")))
        if case.outcome is Outcome.FAILED
        else case
    )


def _pytest(lines: list[str]) -> list[CaseResult]:
    found: dict[str, Outcome] = {}
    messages: dict[str, str] = {}
    for line in lines:
        if ".py::" not in line:
            continue
        if match := _XDIST.match(line):
            name, outcome = line[match.end() :].rstrip(), _OUTCOMES[match[1]]
        elif match := _SUMMARY.match(line):
            name, _, message = line[match.end() :].partition(" - ")
            if _is_node(name) and message:
                messages[name] = first_line(message)
            continue
        else:
            name, outcome = _verbose(line)
        if _is_node(name):
            found[name] = _worse(found.get(name), outcome)
    return [_made(name, outcome, 0.0, messages.get(name, "")) for name, outcome in found.items()]


def _verbose(line: str) -> tuple[str, Outcome]:
    """Split `NODE PASSED (reason) [ 12%]` into name and outcome; the name is "" for other lines."""
    text = line.rstrip()
    before, bracket, share = text.rpartition("[")
    if bracket and share.endswith("%]") and share[:-2].strip().isdigit():
        text = before.rstrip()
    for match in _ENDED.finditer(text):
        if match.end() == len(text) or text.endswith(")"):
            return text[: match.start()], _OUTCOMES[match[1]]
    return "", Outcome.SKIPPED


def _is_node(name: str) -> bool:
    """Return whether it is a pytest node id, `FILE.py::TEST`, with a file without white space."""
    file, mark, test = name.partition(".py::")
    return bool(mark and file and test) and not any(map(str.isspace, file))


def _worse(before: Outcome | None, now: Outcome) -> Outcome:
    """Return the worse of two outcomes."""
    # A case may appear twice: if it passes and its teardown fails, or in a second run.
    order = (Outcome.SKIPPED, Outcome.PASSED, Outcome.FAILED, Outcome.ERROR)
    return now if before is None or order.index(now) > order.index(before) else before


def _go(lines: list[str]) -> list[CaseResult]:
    matches = (_GO.match(line) for line in lines if "--- " in line)
    return [
        _made(match[2], _OUTCOMES[match[1]], float(match[3] or 0)) for match in matches if match
    ]


def _unittest(lines: list[str]) -> list[CaseResult]:
    matches = (_UNITTEST.match(line) for line in lines if " ... " in line)
    return [_made(match[1], _OUTCOMES.get(match[2], Outcome.SKIPPED)) for match in matches if match]
