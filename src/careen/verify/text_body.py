"""Two texts side by side, line by line."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from careen.verify.normal import LINE, Noise
from careen.verify.words import brief

LINES = 5000
_SAMPLE = re.compile(r"^([A-Za-z_:][\w:]{0,200}(?:\{[^\n]{0,2000}\})?)[ \t]+\S{1,40}(?:[ \t]+\d{1,20})?$")
"""A sample of Prometheus' exposition format: a metric's name and labels, its value, a time."""
_PAIRED, _ALIKE = 50, 3
_CONTROL = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Bag:
    """The lines of several tries without their order: those that each of them has, as they are and
    without numbers, and those that any has (without).
    """

    lines: frozenset[str]
    shapes: frozenset[str]
    ever: frozenset[str]

    def beside(self, other: "Bag") -> "Bag":
        """Return what holds of the tries of both."""
        return Bag(self.lines & other.lines, self.shapes & other.shapes, self.ever | other.ever)


@dataclass(frozen=True, slots=True)
class TextNoise:
    """What tries on one image differ in.

    `lines` (by number) differ in their words, `numbers` in their numbers alone. Where the tries
    have more or fewer lines, `bag` has them; then they are compared without their order, as they
    are where they are the same lines in another order (`shuffled`).
    """

    lines: frozenset[int] = frozenset()
    numbers: frozenset[int] = frozenset()
    bag: Bag | None = None
    shuffled: bool = False

    def beside(self, other: "TextNoise") -> "TextNoise":
        """Return the noise of both."""
        bag = self.bag.beside(other.bag) if self.bag is not None and other.bag is not None else self.bag or other.bag
        return TextNoise(self.lines | other.lines, self.numbers | other.numbers, bag, self.shuffled or other.shuffled)


NOTHING = TextNoise()


@dataclass(frozen=True, slots=True)
class LineUnlike:
    """A line that differs, as each side has it ("nothing": not at all). `key` is the same when the
    same difference comes again.
    """

    before: str
    after: str
    key: str


@dataclass(frozen=True, slots=True)
class TextUnlike:
    """The first line that differs, as each side has it, and how many do."""

    before: str
    after: str
    lines: int


def unlike_text(before: str, after: str, noise: Noise, known: TextNoise = NOTHING) -> TextUnlike | None:
    """Return how two texts differ beyond noise, or None."""
    return summed(unlike_lines(before, after, noise, known))


def unlike_lines(before: str, after: str, noise: Noise, known: TextNoise = NOTHING) -> tuple[LineUnlike, ...]:
    """Return the lines that differ beyond noise.

    Of texts with equally many lines each is held against its neighbour; of others the lines that
    only one has are counted. The first 5000 lines count. Of metrics as Prometheus reads them
    names and labels count: values are of that time.
    """
    one, two = lines_of(before), lines_of(after)
    if _are_metrics(one) and _are_metrics(two):
        one, two = _without_values(one), _without_values(two)
    if known.bag is not None:
        return _unordered(one, two, noise, known.bag)
    if not known.shuffled and len(one) == len(two):
        return _in_place(one, two, noise, known)
    return _paired(_only(one, two, noise.line), _only(two, one, noise.line), noise)


def summed(found: Sequence[LineUnlike]) -> TextUnlike | None:
    """Return the first of the lines, and how many there are; None if there is none."""
    if not found:
        return None
    return TextUnlike(brief(found[0].before, 80), brief(found[0].after, 80), len(found))


def lines_of(text: str) -> list[str]:
    """Return the first 5000 lines as a terminal would show them: what a carriage return overwrites
    (a progress bar) is gone, and so are colours.
    """
    lines = text.splitlines() if "\r" not in text else [_shown(line) for line in text.replace("\r\n", "\n").split("\n")]
    return [_CONTROL.sub("", line) if "\x1b" in line else line for line in lines[:LINES]]


def _shown(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]


def _in_place(one: Sequence[str], two: Sequence[str], noise: Noise, known: TextNoise) -> tuple[LineUnlike, ...]:
    pairs = enumerate(zip(one, two, strict=True))
    found = [(a, b) for i, (a, b) in pairs if i not in known.lines and not _alike(i, a, b, noise, known)]
    return tuple(LineUnlike(a, b, f"- {noise.log(a)}") for a, b in found)


def _alike(number: int, one: str, two: str, noise: Noise, known: TextNoise) -> bool:
    return noise.alike(one, two) or (number in known.numbers and noise.log(one) == noise.log(two))


def _unordered(one: Sequence[str], two: Sequence[str], noise: Noise, known: Bag) -> tuple[LineUnlike, ...]:
    """What each try on the original has must be there, and what none of them has must not; what
    some have may be there or not.
    """
    lines, shapes = frozenset(map(noise.line, two)), frozenset(map(noise.log, two))
    had = frozenset(map(noise.log, one))
    lost = [a for a in one if _misses(noise.line(a), known.lines, lines) or _misses(noise.log(a), known.shapes, shapes)]
    new = [b for b in two if noise.log(b) not in known.ever and noise.log(b) not in had]
    return _paired(list(dict.fromkeys(lost)), list(dict.fromkeys(new)), noise)


def _misses(key: str, always: frozenset[str], found: frozenset[str]) -> bool:
    return key in always and key not in found


def _paired(lost: Sequence[str], new: Sequence[str], noise: Noise) -> tuple[LineUnlike, ...]:
    """Put beside each lost line the new one that begins most like it, if any does; where there are
    many lines each stands alone.
    """
    left = list(new)
    out: list[LineUnlike] = []
    for line in lost:
        other = max(left, key=lambda each: _common(line, each), default="") if max(len(lost), len(new)) <= _PAIRED else ""
        if _common(line, other) >= _ALIKE:
            left.remove(other)
            out.append(LineUnlike(line, other, f"- {noise.log(line)}"))
        else:
            out.append(LineUnlike(line, "nothing", f"- {noise.log(line)}"))
    if len(out) == len(left) == 1:
        return (LineUnlike(out[0].before, left[0], out[0].key),)
    return (*out, *(LineUnlike("nothing", line, f"+ {noise.log(line)}") for line in left))


def _common(one: str, two: str) -> int:
    """Count the characters with which both begin."""
    both = zip(one[:LINE].lstrip(), two[:LINE].lstrip(), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))


def _are_metrics(lines: Sequence[str]) -> bool:
    return bool(lines) and lines[0].startswith(("# HELP ", "# TYPE "))


def _without_values(lines: Sequence[str]) -> list[str]:
    return [_SAMPLE.sub(r"\1", line) for line in lines]


def noise_between(tries: Sequence[str], noise: Noise) -> TextNoise:
    """Return what differs between tries that should be the same."""
    texts = [lines_of(text) for text in dict.fromkeys(tries)]
    if all(_are_metrics(lines) for lines in texts):
        texts = [_without_values(lines) for lines in texts]
    if len(texts) == 1 or all(not _differ(texts[0], other, noise) for other in texts[1:]):
        return NOTHING
    if len({tuple(sorted(map(noise.line, lines))) for lines in texts}) == 1:
        return TextNoise(shuffled=True)
    if len({len(lines) for lines in texts}) > 1:
        plain = [frozenset(map(noise.line, lines)) for lines in texts]
        shapes = [frozenset(map(noise.log, lines)) for lines in texts]
        return TextNoise(bag=Bag(frozenset.intersection(*plain), frozenset.intersection(*shapes), frozenset().union(*shapes)))
    return _noise_in_place(texts, noise)


def _differ(one: Sequence[str], two: Sequence[str], noise: Noise) -> bool:
    return len(one) != len(two) or bool(_in_place(one, two, noise, NOTHING))


def _noise_in_place(texts: Sequence[Sequence[str]], noise: Noise) -> TextNoise:
    words: set[int] = set()
    numbers: set[int] = set()
    first, *others = texts
    for other in others:
        for number, (one, two) in enumerate(zip(first, other, strict=True)):
            if not noise.alike(one, two):
                (numbers if noise.log(one) == noise.log(two) else words).add(number)
    return TextNoise(frozenset(words), frozenset(numbers))


def _only(one: Sequence[str], two: Sequence[str], key: Callable[[str], str]) -> list[str]:
    """Return the lines of `one` that `two` has not, as often as it lacks them."""
    left = Counter(map(key, two))
    out: list[str] = []
    for line in one:
        found = key(line)
        if left[found] > 0:
            left[found] -= 1
        else:
            out.append(line)
    return out
