"""Two texts side by side, line by line."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from careen.verify.normal import Noise
from careen.verify.words import brief, counted

LINES = 5000
_SAMPLE = re.compile(r"^([A-Za-z_:][\w:]{0,200}(?:\{[^\n]{0,2000}\})?)[ \t]+\S{1,40}(?:[ \t]+\d{1,20})?$")
"""A sample of Prometheus' exposition format: a metric's name and labels, its value, a time."""


@dataclass(frozen=True, slots=True)
class TextNoise:
    """What two tries on one image differ in: lines by their number, or the number of lines itself, and then a text says nothing."""

    lines: frozenset[int] = frozenset()
    length: bool = False


NOTHING = TextNoise()


@dataclass(frozen=True, slots=True)
class TextUnlike:
    """The first line that differs, as each side has it, and how many do."""

    before: str
    after: str
    lines: int


def unlike_text(before: str, after: str, noise: Noise, known: TextNoise = NOTHING) -> TextUnlike | None:
    """Return how two texts differ beyond noise, or None. Of texts with equally many lines each is held against its neighbour; of others the lines that only
    one has are counted. The first 5000 lines count. Of metrics as Prometheus reads them names and labels count: values are of the moment.
    """
    if known.length:
        return None
    one, two = before.splitlines()[:LINES], after.splitlines()[:LINES]
    if _are_metrics(one) and _are_metrics(two):
        one, two = [_SAMPLE.sub(r"\1", line) for line in one], [_SAMPLE.sub(r"\1", line) for line in two]
    if len(one) == len(two):
        found = [i for i, (a, b) in enumerate(zip(one, two, strict=True)) if i not in known.lines and not noise.alike(a, b)]
        return TextUnlike(brief(one[found[0]], 80), brief(two[found[0]], 80), len(found)) if found else None
    lost, new = _only(one, two, noise), _only(two, one, noise)
    if not lost and not new:
        return TextUnlike(counted(len(one), "line"), counted(len(two), "line"), abs(len(one) - len(two)))
    return TextUnlike(lost[0] if lost else "nothing", new[0] if new else "nothing", max(len(lost), len(new)))


def _are_metrics(lines: Sequence[str]) -> bool:
    return bool(lines) and lines[0].startswith(("# HELP ", "# TYPE "))


def noise_between(tries: Sequence[str], noise: Noise) -> TextNoise:
    """Return what differs between tries that should be the same."""
    first, *others = tries
    lines = first.splitlines()[:LINES]
    out: set[int] = set()
    for other in others:
        again = other.splitlines()[:LINES]
        if len(again) != len(lines):
            return TextNoise(length=True)
        out.update(i for i, (a, b) in enumerate(zip(lines, again, strict=True)) if not noise.alike(a, b))
    return TextNoise(frozenset(out))


def _only(one: Sequence[str], two: Sequence[str], noise: Noise) -> list[str]:
    """Return the lines of `one` that `two` has not, as often as it lacks them."""
    left = Counter(noise.line(line) for line in two)
    out: list[str] = []
    for line in one:
        key = noise.line(line)
        if left[key] > 0:
            left[key] -= 1
        else:
            out.append(brief(line, 80))
    return out
