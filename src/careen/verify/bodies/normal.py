"""Normalisation of answers: removal of noise that does not change their meaning.

Noise is dates, identifiers, ports, durations, and what the user declares.
"""

import itertools
import math
import re
from collections.abc import Callable, Sequence

from careen.model.runs.noise import noise_remover

RELATIVE, ABSOLUTE = 1e-3, 1e-6
LINE = 4096  # characters read of a line; a container may print gigabytes in one

# Applied in this order. Each pattern is a sequence of character classes without ambiguous splits,
# so its time is linear in the line.
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "<progress>",
        re.compile(r"\[\d{1,3}:\d\d(?::\d\d)?<[^\]\n]{0,80}\]"),
    ),  # a progress bar's elapsed and remaining time, and its rate
    ("<rate>", re.compile(r"\b\d{1,12}(?:\.\d{1,12})? ?[A-Za-z]{1,12}/s\b")),
    (
        "<time>",
        re.compile(r"(?<=^[IWEF])\d{4} \d\d:\d\d:[\d.]{1,20} {1,12}\d{1,10}(?= )"),
    ),  # lines of glog and Abseil begin with time and thread
    (
        "<time>",
        re.compile(
            r"\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]+\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?)?(?:"
            r" ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?(?![\w-])"
        ),
    ),
    (
        "<time>",
        re.compile(
            rf"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d{{1,2}} )?{_MONTH}[a-z]{{0,6}}(?:,? \d[\d:"
            r" ]{0,20}(?:GMT|UTC)?)?"
        ),
    ),
    (
        "<time>",
        re.compile(rf"\b\d{{1,2}}[ /]{_MONTH}[ /]\d{{4}}(?:[: ]\d\d:\d\d:\d\d)?(?: [+-]\d{{4}})?"),
    ),
    ("<time>", re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b")),
    (
        "<id>",
        re.compile(
            r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"
        ),
    ),
    ("<address>", re.compile(r"\b0x[0-9a-fA-F]{4,16}\b")),
    ("<host>", re.compile(r"\b(?:localhost|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}):\d{1,5}\b")),
    ("<temporary>", re.compile(r"(?<=/tmp/)[A-Za-z0-9_.-]{1,255}")),
    (
        "<duration>",
        re.compile(
            r"\b\d{1,12}(?:\.\d{1,12})?(?: ?(?:ns|us|µs|ms|s|sec|secs|seconds?|minutes?|min))\b"
        ),
    ),
    ("<stamp>", re.compile(r"\b1[5-9]\d{8}(?:\d{3}|\d{6}|\d{9}|\.\d{1,9})?\b")),
)
_DIGESTS = frozenset({40, 64, 96, 128})
_HEXADECIMAL = re.compile(r"\b[0-9a-fA-F]{12,256}\b")
_MIXED = re.compile(r"[A-Za-z0-9_-]{16,256}")
_CHANGES = 5  # between letters and digits; words and versions have fewer
_FLOAT = re.compile(r"[-+]?\d{1,30}\.\d{1,30}(?:[eE][-+]?\d{1,3})?")
_NUMBER = re.compile(r"\d+")
_HEX = re.compile(r"\b[0-9a-fA-F]{6,64}\b")
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}m")
_UNIT = "ms|us|ns|s"
MEASURED = re.compile(
    rf"(?:^|[_.-])(?:{_UNIT}|secs?|seconds?|durations?|elapsed|latency|took|times?|timestamps?|created|uptime|pid|port)(?:[_.-](?:{_UNIT}))?$",
    re.IGNORECASE,
)


class Noise:
    """Remover of declared and known noise from texts, for one run. Cannot be pickled."""

    __slots__ = ("_declared",)

    def __init__(self, declared: Sequence[str] = ()) -> None:
        """Compile the declared patterns. Raises InputError for an invalid one."""
        self._declared: Callable[[str], str] = noise_remover(declared)

    def declared(self, text: str) -> str:
        """Return `text` without declared noise only."""
        return self._declared(text)

    def line(self, text: str) -> str:
        """Return one line of an answer without noise, of its first 4096 characters.

        Numbers that are not dates, identifiers, ports or durations stay.
        """
        out = self._declared(text[:LINE])
        for stand_in, pattern in _PATTERNS:
            out = pattern.sub(stand_in, out)
        return _MIXED.sub(_identifier, _HEXADECIMAL.sub(_hexadecimal, out)).rstrip()

    def log(self, text: str) -> str:
        """Return one line of output without noise and without any numbers."""
        return _NUMBER.sub("#", _HEX.sub(_with_digit, self.line(_COLOUR.sub("", text[:LINE]))))

    def alike(self, one: str, two: str) -> bool:
        """Return whether two lines of answers mean the same.

        They must be equal without noise, except for fractions within a thousandth.
        """
        if one == two:
            return True
        a, b = self.line(one), self.line(two)
        if a == b:
            return True
        left, right = _FLOAT.findall(a), _FLOAT.findall(b)
        if len(left) != len(right) or _FLOAT.sub("<float>", a) != _FLOAT.sub("<float>", b):
            return False
        return all(close(float(x), float(y)) for x, y in zip(left, right, strict=True))


def close(one: float, two: float) -> bool:
    """Return whether two numbers are equal within 0.1 %, or both NaN."""
    # Another order of summation changes the last digits.
    return math.isclose(one, two, rel_tol=RELATIVE, abs_tol=ABSOLUTE) or (
        math.isnan(one) and math.isnan(two)
    )


def _hexadecimal(match: re.Match[str]) -> str:
    """Return `<id>` for a random token, or the token if it is a digest, number or word."""
    # A digest (SHA-1, SHA-2) identifies content and must be equal.
    token = match.group()
    return token if len(token) in _DIGESTS or token.isdigit() or token.isalpha() else "<id>"


def _identifier(match: re.Match[str]) -> str:
    """Return `<id>` for a long token that mixes letters and digits (`chatcmpl-8fR2…`)."""
    token = match.group()
    if _HEXADECIMAL.fullmatch(token):
        return token
    changes = sum(one.isdigit() != two.isdigit() for one, two in itertools.pairwise(token))
    return "<id>" if changes >= _CHANGES else token


def _with_digit(match: re.Match[str]) -> str:
    return "#" if any(char.isdigit() for char in match.group()) else match.group()
