"""The error lines and tracebacks that the new image's container printed and the original's did
not.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from careen.model.behaviour import Deviation, Weight
from careen.verify.causes import Causes
from careen.verify.normal import LINE, Noise
from careen.verify.rounds import NOT_AGAIN
from careen.verify.unsure import Unsure
from careen.verify.words import brief

MOST = 2000  # different lines that are remembered of one container
READ = 20_000  # lines that are normalised, those that differ by more than digits
SHOWN = 20
LONGEST = 16 << 20  # characters of output, as the engines keep
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
    """A line as it was printed; `fatal` says that it ends a traceback about something that is
    missing, or that a library could not be loaded.
    """

    text: str
    fatal: bool


def error_lines(logs: str, noise: Noise) -> dict[str, ErrorLine]:
    """Return the first 2000 different error lines (of the first 20,000 that differ by more than
    digits) by what they say without times, addresses and numbers; a traceback counts as its last
    line.
    """
    out: dict[str, ErrorLine] = {}
    seen: set[tuple[str, bool]] = set()
    for line, ends_traceback in _errors(logs[-LONGEST:]):
        if len(out) >= MOST or len(seen) >= READ:
            break
        rough = (
            line.translate(_DIGITS),
            ends_traceback,
        )  # most lines that come often differ by nothing else, and this is cheap
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
    """The error lines of one container in each of its runs, and what the original prints in any of
    its containers (`elsewhere`).
    """

    before: Sequence[Mapping[str, ErrorLine]]
    after: Sequence[Mapping[str, ErrorLine]]
    elsewhere: Container[str]


def compare_errors(
    where: str, printed: Printed, causes: Causes, unsure: Unsure
) -> Iterator[Deviation]:
    """Yield a warning for each error line that is new, at most 20, and a failure where it ends a
    traceback about a module, file or library that is missing; but not for one that the original
    prints in another of its containers: then it happens there, too, under some condition.

    A line is new if no run on the original prints it and every run on the new image does; or one of
    them, if it names a removed path.
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
    new.sort(
        key=lambda line: not line.fatal
    )  # stable: else in the order in which they were printed
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
    """Yield the lines that speak of an error, and whether each is the last of a traceback (the
    first line after it that is not indented).
    """
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
