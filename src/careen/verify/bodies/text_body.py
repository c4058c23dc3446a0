"""Comparison of two texts, line by line."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from careen.verify.bodies.normal import LINE, Noise
from careen.verify.words import brief

LINES = 5000
_SAMPLE = re.compile(
    r"^([A-Za-z_:][\w:]{0,200}(?:\{[^\n]{0,2000}\})?)[ \t]+\S{1,40}(?:[ \t]+\d{1,20})?$"
)
"""Sample of Prometheus' exposition format: name and labels, value, time."""
_PAIRED, _ALIKE = 50, 3
_WORD = re.compile(r"[^\W\d_]{3,}")
_FEW = 3  # constant words needed: two lines may share one or two by chance
_EMPTY, _WAS_EMPTY = "empty", "was empty"
_CONTROL = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Bag:
    """Unordered lines of several tries.

    `lines`: in every try, as they are. `shapes`: in every try, without numbers. `ever`: in any try,
    without numbers. `families`: metrics whose series come and go; of them only the name counts.
    """

    lines: frozenset[str]
    shapes: frozenset[str]
    ever: frozenset[str]
    families: frozenset[str] = frozenset()

    def beside(self, other: "Bag") -> "Bag":
        """Return the bag of the tries of both."""
        families = self.families | other.families
        ever = self.ever | other.ever
        return Bag(self.lines & other.lines, self.shapes & other.shapes, ever, families)


@dataclass(frozen=True, slots=True)
class TextNoise:
    """Differences between tries on one image.

    `lines` (by number) differ in words, `numbers` only in numbers. `bag`: the lines of tries that
    have different numbers of them. `shuffled`: the same lines come in another order. `words`: words
    that a noisy line has in each try. `blank`: noisy lines that were empty in a try. `empty`: some
    try had no text.
    """

    lines: frozenset[int] = frozenset()
    numbers: frozenset[int] = frozenset()
    bag: Bag | None = None
    shuffled: bool = False
    words: Mapping[int, frozenset[str]] = field(default_factory=dict)
    blank: frozenset[int] = frozenset()
    empty: bool = False

    def beside(self, other: "TextNoise") -> "TextNoise":
        """Return the noise of both."""
        bag = (
            self.bag.beside(other.bag)
            if self.bag is not None and other.bag is not None
            else self.bag or other.bag
        )
        words = dict(self.words)
        for number, always in other.words.items():
            words[number] = always & words.get(number, always)
        return TextNoise(
            self.lines | other.lines,
            self.numbers | other.numbers,
            bag,
            self.shuffled or other.shuffled,
            words,
            self.blank | other.blank,
            self.empty or other.empty,
        )


NOTHING = TextNoise()


@dataclass(frozen=True, slots=True)
class LineDifference:
    """A differing line on both sides ("nothing" if missing).

    One of `keys` is equal when the same difference occurs again.
    """

    before: str
    after: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class TextDifference:
    """The first differing line on both sides, and the number of differing lines."""

    before: str
    after: str
    lines: int


def text_difference(
    before: str, after: str, noise: Noise, known: TextNoise = NOTHING
) -> TextDifference | None:
    """Return the difference of two texts beyond noise, or None."""
    return summed(line_differences(before, after, noise, known))


def line_differences(
    before: str, after: str, noise: Noise, known: TextNoise = NOTHING
) -> tuple[LineDifference, ...]:
    """Return the lines that differ beyond noise, among the first 5000.

    With equally many lines they are compared by position, else as a multiset. Of Prometheus metrics
    only names and labels count.
    """
    one, two = lines_of(before), lines_of(after)
    if _are_metrics(one) and _are_metrics(two):
        one, two = _without_values(one), _without_values(two)
    if _is_empty(two) and not known.empty:
        keys = frozenset({_EMPTY})
        lost = [line for line in one if line.strip()]
        return tuple(LineDifference(line, "nothing", keys | {_old(line, noise)}) for line in lost)
    if known.bag is not None:
        return _unordered(one, two, noise, known.bag)
    if not known.shuffled and len(one) == len(two):
        return _in_place(one, two, noise, known)
    found = _paired(_only(one, two, noise.line), _only(two, one, noise.line), noise)
    if _is_empty(one):
        return tuple(replace(item, keys=item.keys | {_WAS_EMPTY}) for item in found)
    return found


def _is_empty(lines: Sequence[str]) -> bool:
    return not any(map(str.strip, lines))


def summed(found: Sequence[LineDifference]) -> TextDifference | None:
    """Return the first of the lines with their number, or None."""
    if not found:
        return None
    return TextDifference(brief(found[0].before, 80), brief(found[0].after, 80), len(found))


def lines_of(text: str) -> list[str]:
    """Return the first 5000 lines as shown by a terminal.

    Text overwritten after a carriage return (a progress bar) and colours are removed.
    """
    lines = (
        text.splitlines()
        if "\r" not in text
        else [_shown(line) for line in text.replace("\r\n", "\n").split("\n")]
    )
    return [_CONTROL.sub("", line) if "\x1b" in line else line for line in lines[:LINES]]


def _shown(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]


def _in_place(
    one: Sequence[str], two: Sequence[str], noise: Noise, known: TextNoise
) -> tuple[LineDifference, ...]:
    out: list[LineDifference] = []
    for number, (a, b) in enumerate(zip(one, two, strict=True)):
        if number in known.lines:
            if _is_lost(number, a, b, noise, known):
                out.append(LineDifference(a, b, frozenset({f"line {number}"})))
        elif not _alike(number, a, b, noise, known):
            out.append(LineDifference(a, b, _both(a, b, noise)))
    return tuple(out)


def _is_lost(number: int, one: str, two: str, noise: Noise, known: TextNoise) -> bool:
    """Return whether a noisy line became empty, or lost all words that it always has."""
    if not two.strip():
        return bool(one.strip()) and number not in known.blank
    always = known.words.get(number, frozenset()) & _words(one, noise)
    return len(always) >= _FEW and always.isdisjoint(_words(two, noise))


def _words(line: str, noise: Noise) -> frozenset[str]:
    return frozenset(_WORD.findall(noise.log(line)))


def _old(line: str, noise: Noise) -> str:
    return f"- {noise.log(line)}"


def _new(line: str, noise: Noise) -> str:
    return f"+ {noise.log(line)}"


def _both(one: str, two: str, noise: Noise) -> frozenset[str]:
    return frozenset({_old(one, noise), _new(two, noise)})


def _alike(number: int, one: str, two: str, noise: Noise, known: TextNoise) -> bool:
    return noise.alike(one, two) or (number in known.numbers and noise.log(one) == noise.log(two))


def _unordered(
    one: Sequence[str], two: Sequence[str], noise: Noise, known: Bag
) -> tuple[LineDifference, ...]:
    """Return the lines lost or new against tries with varying lines.

    Lost: in each try on the original. New: in none of them.
    """
    one, two = (_by_family(lines, known.families) for lines in (one, two))
    lines, shapes = frozenset(map(noise.line, two)), frozenset(map(noise.log, two))
    had = frozenset(map(noise.log, one))
    lost = [
        a
        for a in one
        if _misses(noise.line(a), known.lines, lines) or _misses(noise.log(a), known.shapes, shapes)
    ]
    new = [b for b in two if noise.log(b) not in known.ever and noise.log(b) not in had]
    return _paired(list(dict.fromkeys(lost)), list(dict.fromkeys(new)), noise)


def _misses(key: str, always: frozenset[str], found: frozenset[str]) -> bool:
    return key in always and key not in found


def _paired(lost: Sequence[str], new: Sequence[str], noise: Noise) -> tuple[LineDifference, ...]:
    """Return the lost and new lines, paired by longest common prefix if there are few."""
    left = list(new)
    out: list[LineDifference] = []
    for line in lost:
        other = (
            max(left, key=lambda each: _common(line, each), default="")
            if max(len(lost), len(new)) <= _PAIRED
            else ""
        )
        if _common(line, other) >= _ALIKE:
            left.remove(other)
            out.append(LineDifference(line, other, _both(line, other, noise)))
        else:
            out.append(LineDifference(line, "nothing", frozenset({_old(line, noise)})))
    if len(out) == len(left) == 1:
        return (LineDifference(out[0].before, left[0], _both(out[0].before, left[0], noise)),)
    return (
        *out,
        *(LineDifference("nothing", line, frozenset({_new(line, noise)})) for line in left),
    )


def _common(one: str, two: str) -> int:
    """Return the length of the common prefix, ignoring indentation."""
    both = zip(one[:LINE].lstrip(), two[:LINE].lstrip(), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))


def _are_metrics(lines: Sequence[str]) -> bool:
    return bool(lines) and lines[0].startswith(("# HELP ", "# TYPE "))


def _without_values(lines: Sequence[str]) -> list[str]:
    return [_SAMPLE.sub(r"\1", line) for line in lines]


def _by_family(lines: Sequence[str], families: frozenset[str]) -> Sequence[str]:
    """Return the lines with the name alone of each metric in `families`."""
    if not families:
        return lines
    return [_family(line) if _family(line) in families else line for line in lines]


def _family(series: str) -> str:
    return series.partition("{")[0]


def _inconstant(texts: Sequence[Sequence[str]], noise: Noise) -> frozenset[str]:
    """Return the metrics of which some series is not in every try."""
    # A series exists from its first count on. Which ones have been counted by now is chance: with
    # few tries, each of them may have one that the next try lacks.
    tries = [frozenset(map(noise.line, lines)) for lines in texts]
    passing = frozenset[str]().union(*tries) - frozenset.intersection(*tries)
    return frozenset(_family(line) for line in passing if not line.startswith("#"))


def noise_between(tries: Sequence[str], noise: Noise) -> TextNoise:
    """Return what differs between tries that should be equal."""
    texts: list[Sequence[str]] = [lines_of(text) for text in dict.fromkeys(tries)]
    families: frozenset[str] = frozenset()
    if all(_are_metrics(lines) for lines in texts):
        texts = [_without_values(lines) for lines in texts]
        families = _inconstant(texts, noise)
    if len(texts) == 1 or all(not _differ(texts[0], other, noise) for other in texts[1:]):
        return NOTHING
    if len({tuple(sorted(map(noise.line, lines))) for lines in texts}) == 1:
        return TextNoise(shuffled=True)
    if families or len({len(lines) for lines in texts}) > 1:
        texts = [_by_family(lines, families) for lines in texts]
        plain = [frozenset(map(noise.line, lines)) for lines in texts]
        shapes = [frozenset(map(noise.log, lines)) for lines in texts]
        always = frozenset.intersection(*plain), frozenset.intersection(*shapes)
        bag = Bag(*always, frozenset().union(*shapes), families)
        return TextNoise(bag=bag, empty=any(map(_is_empty, texts)))
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
    tries = {number: [lines[number] for lines in texts] for number in words}
    said = {number: [_words(line, noise) for line in lines] for number, lines in tries.items()}
    always = {number: frozenset.intersection(*each) for number, each in said.items()}
    blank = frozenset(number for number, lines in tries.items() if not all(map(str.strip, lines)))
    empty = any(map(_is_empty, texts))
    noisy = TextNoise(frozenset(words), frozenset(numbers))
    return replace(noisy, words=always, blank=blank, empty=empty)


def _only(one: Sequence[str], two: Sequence[str], key: Callable[[str], str]) -> list[str]:
    """Return the lines of `one` that `two` lacks, as a multiset."""
    left = Counter(map(key, two))
    out: list[str] = []
    for line in one:
        found = key(line)
        if left[found] > 0:
            left[found] -= 1
        else:
            out.append(line)
    return out
