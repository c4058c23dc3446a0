"""Error lines and tracebacks that only the new image's container printed."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from careen.model.runs.behaviour import Deviation, Weight
from careen.verify.bodies.normal import LINE, Noise
from careen.verify.causes import Causes
from careen.verify.rounds import NOT_AGAIN
from careen.verify.unsure import Inconclusive
from careen.verify.words import brief

MOST = 2000  # different lines kept per container
READ = 20_000  # lines normalised, after removing those that differ only in digits
SHOWN = 20
LONGEST = 16 << 20  # characters of output; the engines keep as many
_ERROR = re.compile(
    r"\b(?:ERROR|CRITICAL|FATAL|PANIC|SEVERE)\b|\bpanic: |\b(?:[Ee]rror|fatal): |\bnot found\b|\bNo"
    r" such file\b|cannot open shared object file"
    r"|\bCould not (?:find|open|load)\b|\"(?:level|severity|levelname)\":"
    r" ?\"(?:error|critical|fatal|panic)\"|\blevel=(?:error|fatal|panic)\b",
)
_LINES = re.compile(r"[^\r\n]+")
_DIGITS = str.maketrans("123456789", "0" * 9)
_TRACEBACK = "Traceback (most recent call last)"
_FATAL = re.compile(
    r"\b(?:ImportError|ModuleNotFoundError|FileNotFoundError)\b|cannot open shared object"
    r" file|\bNoClassDefFoundError\b|\bMODULE_NOT_FOUND\b"
)


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """A printed line.

    `fatal`: it ends a traceback about something missing, or reports a library that cannot be
    loaded.
    """

    text: str
    fatal: bool


def error_lines(logs: str, noise: Noise) -> dict[str, ErrorLine]:
    """Return the different error lines by their normalised text, at most 2000.

    Times, addresses and numbers are removed. A traceback counts as its last line. Only the first
    20,000 lines that differ by more than digits are read.
    """
    out: dict[str, ErrorLine] = {}
    seen: set[tuple[str, bool]] = set()
    for line, ends_traceback in _errors(logs[-LONGEST:]):
        if len(out) >= MOST or len(seen) >= READ:
            break
        # A cheap filter: most repeated lines differ only in digits.
        rough = (line.translate(_DIGITS), ends_traceback)
        if rough in seen:
            continue
        seen.add(rough)
        fatal = _FATAL.search(line) is not None and (
            ends_traceback or "cannot open shared object file" in line
        )
        found = ErrorLine(brief(line), fatal)
        key = noise.log(line)
        if key not in out or (fatal and not out[key].fatal):
            out[key] = found
    return out


@dataclass(frozen=True, slots=True)
class Printed:
    """Error lines of one container in each of its runs.

    `elsewhere` holds what the original prints in any of its containers.
    """

    before: Sequence[Mapping[str, ErrorLine]]
    after: Sequence[Mapping[str, ErrorLine]]
    elsewhere: Container[str]


def compare_errors(
    where: str, printed: Printed, causes: Causes, unsure: Inconclusive
) -> Iterator[Deviation]:
    """Yield a warning for each new error line, at most 20, or a failure for a fatal one.

    A line is new if no run on the original prints it and every run on the new image does; one run
    is enough if it names a removed path. A fatal line that the original prints in another container
    is only a warning.
    """
    first, *others = printed.after
    known = frozenset(key for lines in printed.before for key in lines)
    new: list[ErrorLine] = []
    for key, line in first.items():
        if key in known:
            continue
        if all(key in each for each in others) or causes.named(line.text):
            new.append(replace(line, fatal=line.fatal and key not in printed.elsewhere))
        else:
            unsure.is_noise(f"{where}: error-log: {line.text!r} on the hardened image{NOT_AGAIN}")
    # The sort is stable and keeps the printed order.
    new.sort(key=lambda line: not line.fatal)
    for line in new[:SHOWN]:
        weight = Weight.FAILURE if line.fatal else Weight.WARNING
        fit = causes.fit(None, (line.text,)) if line.fatal else causes.named(line.text)
        yield Deviation("error-log", weight, where, "not printed", repr(line.text), fit)
    if len(new) > SHOWN:
        yield Deviation(
            "error-log",
            Weight.WARNING,
            where,
            "not printed",
            f"{len(new) - SHOWN} more error lines",
        )


def _errors(logs: str) -> Iterator[tuple[str, bool]]:
    """Yield the error lines, and whether each is the first unindented line of a traceback."""
    inside = False
    for match in _LINES.finditer(logs):
        line = match.group()[:LINE]
        if _TRACEBACK in line:
            inside = True
        elif inside and line.strip() and not line.startswith((" ", "\t")):
            inside = False
            yield line, True
        elif not inside and (_ERROR.search(line) or _FATAL.search(line)):
            yield line, False
