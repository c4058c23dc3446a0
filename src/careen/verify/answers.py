"""Comparison of one experiment's answers on both images, try by try, over all its runs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from careen.model.paths import ImagePath
from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.exploration import Answer, Explored
from careen.verify.bodies.headers import HeaderDifference, header_differences, is_json
from careen.verify.bodies.json_body import JsonDifference, parse_json, unlike
from careen.verify.bodies.normal import Noise
from careen.verify.bodies.text_body import LineDifference, line_differences
from careen.verify.causes import Causes, window
from careen.verify.chance import is_chance
from careen.verify.repeated import MOST, Known, base_id, breaks_off, learn
from careen.verify.unsure import Inconclusive
from careen.verify.words import brief, counted, listed

_PATIENCE = 3.0
_NO_KEYS: frozenset[str] = frozenset()
NOT_ALWAYS = ", but not always"
_KINDS = {"http": "http-status", "raw": "connection", "signal": "exit-status", "import": "import"}

Run = tuple[Explored, Explored]
"""One experiment on the original, and on the hardened image."""


@dataclass(frozen=True, slots=True)
class _Try:
    """One try on both images, once per run; the first run is shown.

    No time limit decided any of them.
    """

    where: str
    runs: tuple[tuple[Answer, Answer], ...]
    known: Known

    @property
    def before(self) -> Answer:
        return self.runs[0][0]

    @property
    def after(self) -> Answer:
        return self.runs[0][1]

    @property
    def kind(self) -> str:
        return _KINDS.get(self.before.kind, "command")


@dataclass(frozen=True, slots=True)
class Measure:
    """Noise in answers: declared and known kinds.

    `elsewhere` holds, by base id of a try, the noise in the original's other experiments. `unsure`
    collects noise and what could not be compared.
    """

    noise: Noise
    elsewhere: Mapping[str, Known] = field(default_factory=dict)
    unsure: Inconclusive = field(default_factory=Inconclusive)


def compare_answers(
    where: str, runs: Sequence[Run], measure: Measure, causes: Causes
) -> Iterator[Deviation]:
    """Yield the differences between answers, in the order of the tries.

    A try is identified by its id and its number among tries of that id. A difference must occur in
    every run, at the same place, beyond the original's own variation. A different status is a
    failure, unless it is better. Bodies give warnings; failures are JSON that became invalid, and
    where the original always answers alike, another JSON structure or a removed path missed at that
    time.
    """
    comparison = _Comparison(where, runs, measure, causes)
    missing: list[str] = []
    for answer, pairs in _tries(runs):
        if pairs:
            yield from comparison.of(answer, pairs)
        else:
            missing.append(answer.id)
    if missing:
        before, after = runs[0]
        why = f" ({brief(after.skipped)})" if after.skipped else ""
        yield Deviation(
            "connection",
            Weight.WARNING if before.skipped else Weight.FAILURE,
            where,
            "one try made" if len(before.answers) == 1 else f"{len(before.answers)} tries made",
            f"{len(missing)} of them not made{why}: {listed(missing, 3)}",
            () if before.skipped else causes.fit(None, (after.logs[-4096:],)),
        )


def _tries(runs: Sequence[Run]) -> Iterator[tuple[Answer, tuple[tuple[Answer, Answer], ...]]]:
    """Yield each try of the original's first run, with its answers in the runs that made it."""
    numbered = [
        (_numbered(before.answers[:MOST]), _numbered(after.answers[:MOST]))
        for before, after in runs
    ]
    for key, answer in numbered[0][0].items():
        yield (
            answer,
            tuple(
                (before[key], after[key])
                for before, after in numbered
                if key in before and key in after
            ),
        )


def _numbered(answers: Sequence[Answer]) -> Mapping[tuple[str, int], Answer]:
    seen: dict[str, int] = {}
    out: dict[tuple[str, int], Answer] = {}
    for answer in answers:
        seen[answer.id] = seen.get(answer.id, 0) + 1
        out[answer.id, seen[answer.id]] = answer
    return out


class _Comparison:
    """State of comparing one experiment's tries."""

    def __init__(self, where: str, runs: Sequence[Run], measure: Measure, causes: Causes) -> None:
        self._where = where
        self._noise = measure.noise
        self._unsure = measure.unsure
        self._causes = _Earlier(causes)
        samples = [answer for before, _ in runs for answer in before.answers[:MOST]]
        self._known = {
            name: found.beside(measure.elsewhere.get(name))
            for name, found in learn(samples, measure.noise).items()
        }
        self._before, self._after = (
            [_statuses(run[side].answers[:MOST]) for run in runs] for side in (0, 1)
        )

    def of(self, answer: Answer, pairs: Sequence[tuple[Answer, Answer]]) -> Iterator[Deviation]:
        """Yield the differences of one try."""
        where = f"{self._where}: {brief(answer.id)}"
        timely = tuple(pair for pair in pairs if not _undecided(*pair))
        if not timely:
            self._is_late(where, *pairs[-1])
            return
        item = _Try(where, timely, self._known[base_id(answer.id)])
        unlike_status = tuple(pair for pair in timely if pair[0].status != pair[1].status)
        if unlike_status:
            yield from self._status(item, unlike_status)
        alike = tuple(pair for pair in timely if pair[0].status == pair[1].status)
        if alike:
            yield from self._content(replace(item, runs=alike))

    def _status(
        self, item: _Try, unlike_status: tuple[tuple[Answer, Answer], ...]
    ) -> Iterator[Deviation]:
        before, after = unlike_status[0]
        if before.kind == "raw" and before.status is None:
            return  # an answer to a malformed request is not a difference
        shown = replace(item, runs=unlike_status)
        sure = item.known.statuses.isdisjoint(answer.status for _, answer in unlike_status)
        if (
            len(self._before) == 1
            or (sure and len(unlike_status) == len(item.runs))
            or not self._is_chance(base_id(before.id))
        ):
            yield _status(shown, self._causes, single=len(self._before) == 1)
        elif self._causes.causes.named(f"{after.note}\n{after.body}"):
            found = _status(shown, self._causes, single=True)
            yield replace(found, weight=Weight.WARNING, after=f"{found.after}{NOT_ALWAYS}")
        else:
            self._unsure.is_noise(
                f"{item.where}: {_answer(before)} on the original, {_answer(after)} on the hardened"
                f" image{NOT_ALWAYS}"
            )

    def _is_chance(self, name: str) -> bool:
        """Return whether chance explains a status that only one side gives."""
        before = [status for run in self._before for status in run.get(name, ())]
        after = [status for run in self._after for status in run.get(name, ())]
        lost, new = (
            sum(status not in others for status in tries)
            for tries, others in ((before, after), (after, before))
        )
        return is_chance(lost, len(before), len(after)) and is_chance(new, len(after), len(before))

    def _content(self, item: _Try) -> Iterator[Deviation]:
        before, after = item.before, item.after
        notes = [
            (self._noise.line(one.note), self._noise.line(two.note))
            for one, two in item.runs
            if not (one.late or two.late)
        ]
        if notes and all(one != two and two not in item.known.notes for one, two in notes):
            yield Deviation(
                item.kind,
                Weight.WARNING,
                item.where,
                _said(before.note),
                _said(after.note),
                self._causes.of(item),
            )
        if before.kind == "http" and before.status is not None:
            yield from self._headers(item)
        timely = tuple(pair for pair in item.runs if not (pair[0].late or pair[1].late))
        # A body that breaks off on the original alone tells nothing about the other image's.
        whole = tuple(pair for pair in timely if breaks_off(pair[1]) or not breaks_off(pair[0]))
        if whole:
            yield from self._body(replace(item, runs=whole))
        elif timely:
            self._unsure.is_noise(f"{item.where}: {_said(before.note)} on the original{NOT_ALWAYS}")
        elif before.kind == "http":
            self._is_late(item.where, before, after)

    def _is_late(self, where: str, before: Answer, after: Answer) -> None:
        sides = [
            name
            for answer, name in ((before, "the original"), (after, "the hardened image"))
            if answer.late
        ]
        said = brief((before if before.late else after).note)
        self._unsure.is_late(f"{where}: {said} on {' and '.join(sides)}", len(sides))

    def _headers(self, item: _Try) -> Iterator[Deviation]:
        first, *others = [
            tuple(header_differences(before.headers, after.headers, self._noise))
            for before, after in item.runs
        ]
        for found in first:
            if found.name in item.known.headers:
                continue
            if not all(any(other.name == found.name for other in each) for each in others):
                self._unsure.is_noise(
                    f"{item.where}: {found.name}: {found.before!r} on the original, {found.after!r}"
                    f" on the hardened image{NOT_ALWAYS}"
                )
                continue
            yield self._header(item, found)

    def _header(self, item: _Try, found: HeaderDifference) -> Deviation:
        weight = Weight.FAILURE if found.relied_on else Weight.WARNING
        before, after = (
            f"{found.name}: {value}" if value else f"no {found.name}"
            for value in (found.before, found.after)
        )
        return Deviation(
            "http-header",
            weight,
            item.where,
            before,
            after,
            self._causes.of(item) if found.relied_on else (),
        )

    def _weight(self, item: _Try, *, structural: bool) -> Weight:
        """Return FAILURE if the original is steady and it is structural or a path was missed."""
        if not (item.known.steady or len(self._before) > 1):
            return Weight.WARNING
        missed = self._causes.causes.during(window(item.after.begun, item.after.seconds))
        return Weight.FAILURE if structural or missed else Weight.WARNING

    def _body(self, item: _Try) -> Iterator[Deviation]:
        """Compare the first run's bodies, ignoring what is alike in another run."""
        first, *others = [
            _unlike(before, after, self._noise, item.known) for before, after in item.runs
        ]
        if not first:
            return
        keys = [_NO_KEYS.union(*(part.keys for part in each)) for each in (first, *others)]
        left = frozenset.intersection(*keys)
        steady = [found for found in first if found.keys & left]
        if not steady:
            self._unsure.is_noise(
                f"{item.where}: {first[0].before} on the original, {first[0].after} on the hardened"
                f" image{NOT_ALWAYS}"
            )
            return
        kind = "http-body" if item.before.kind == "http" else item.kind
        if steady[0].no_json:
            yield Deviation(
                kind,
                Weight.FAILURE,
                item.where,
                steady[0].before,
                steady[0].after,
                self._causes.of(item),
            )
            return
        weight = self._weight(item, structural=any(found.structural for found in steady))
        yield Deviation(kind, weight, item.where, *_first(steady), self._causes.of(item))


@dataclass(frozen=True, slots=True)
class _Part:
    """A place or line of a body that differs.

    One of `keys` is equal when the same place differs in another run.
    """

    before: str
    after: str
    keys: frozenset[str]
    structural: bool = False
    no_json: bool = False
    line: bool = False


def _unlike(before: Answer, after: Answer, noise: Noise, known: Known) -> Sequence[_Part]:
    if before.body == after.body:
        return ()
    one, two = parse_json(before.body), parse_json(after.body)
    if one is not None and two is not None:
        return [_place(found) for found in unlike(one[0], two[0], noise, known.json, known.shown)]
    if one is not None and _complete(after) and (before.kind == "http" or not after.body.strip()):
        said = f"no JSON: {brief(after.body, 80)!r}"
        return [_Part("JSON", said, frozenset({"no JSON"}), no_json=True)]
    lines = line_differences(before.body, after.body, noise, known.text)
    return [_line(found) for found in lines]


def _line(found: LineDifference) -> _Part:
    before, after = repr(brief(found.before, 80)), repr(brief(found.after, 80))
    return _Part(before, after, found.keys, line=True)


def _place(found: JsonDifference) -> _Part:
    before, after = f"{found.place} = {brief(found.before, 80)}", brief(found.after, 80)
    return _Part(before, after, frozenset({found.key}), found.structural)


def _first(found: Sequence[_Part]) -> tuple[str, str]:
    """Return the first structural difference, else the first, with a count of the others."""
    shown = next((item for item in found if item.structural), found[0])
    others = len(found) - 1
    if shown.line:
        more = f" ({counted(others + 1, 'line')} in all)" if others else ""
    else:
        more = (
            f" (and {others} more places)"
            if others > 1
            else " (and one more place)"
            if others
            else ""
        )
    return shown.before, f"{shown.after}{more}"


def _statuses(answers: Iterable[Answer]) -> Mapping[str, Sequence[int | None]]:
    """Return the statuses that no time limit decided, by base id."""
    out: dict[str, list[int | None]] = {}
    for answer in answers:
        if not (answer.late and answer.status is None):
            out.setdefault(base_id(answer.id), []).append(answer.status)
    return out


def _undecided(before: Answer, after: Answer) -> bool:
    """Return whether a time limit decided the try."""
    if before.kind != "http" and before.status == after.status:
        return False  # such a try may be meant to wait
    if before.late and before.status is None and before.kind != "raw":
        return True
    # On the hardened image: before the try was made, or sooner than _PATIENCE times the original.
    return (
        after.late
        and after.status is None
        and not _PATIENCE * before.seconds <= after.seconds != 0.0
    )


class _Earlier:
    """Causes of tries, including those of earlier tries of the same kind."""

    # Only the first look-up of a path is timed: later tries of a kind lack it as well.
    def __init__(self, causes: Causes) -> None:
        self.causes = causes
        self._found: dict[str, tuple[ImagePath, ...]] = {}

    def of(self, item: _Try) -> tuple[ImagePath, ...]:
        """Return the causes of a try.

        They are its own, else those of the same try before, else those of one with the same
        operation.
        """
        keys = [key for key in (base_id(item.after.id), item.after.operation) if key]
        otherwise = next((self._found[key] for key in keys if key in self._found), ())
        when = window(item.after.begun, item.after.seconds)
        found = self.causes.fit(when, (item.after.note, item.after.body), otherwise)
        if found:
            for key in keys:
                self._found.setdefault(key, found)
        return found


def _status(item: _Try, causes: _Earlier, *, single: bool) -> Deviation:
    """Return the deviation for a different status; `single`: there was only one run."""
    # One run cannot tell whether a status that the original gives sometimes is chance. A server may
    # close before it has read a malformed request, and so lose its answer.
    before, after = item.before, item.after
    kind = (
        "connection"
        if before.kind == "http" and None in (before.status, after.status)
        else item.kind
    )
    chance = (single and after.status in item.known.statuses) or (
        before.kind == "raw" and after.status is None
    )
    weight = Weight.WARNING if chance or _better(before, after) else Weight.FAILURE
    return Deviation(kind, weight, item.where, _answer(before), _answer(after), causes.of(item))


def _better(before: Answer, after: Answer) -> bool:
    """Return whether there is an answer or success that was missing; 5xx is not better."""
    if before.kind == "http":
        # 5xx
        return before.status is None and after.status is not None and after.status < 500  # noqa: PLR2004
    return after.status == 0


def _complete(answer: Answer) -> bool:
    """Return whether a body is another kind of answer, not cut or too deeply nested JSON."""
    return not is_json(
        {name.lower(): value for name, value in answer.headers.items()}.get("content-type", "")
    )


def _answer(answer: Answer) -> str:
    said = f" ({brief(answer.note)})" if answer.note else ""
    if answer.status is None:
        return f"no answer{said}" if answer.kind in ("http", "raw") else f"no status{said}"
    if answer.kind == "http":
        first = brief(answer.body, 80)
        # 5xx
        return f"{answer.status}{said}" + (f" {first!r}" if answer.status >= 500 and first else "")  # noqa: PLR2004
    return f"status {answer.status}{said}"


def _said(note: str) -> str:
    return brief(note) if note else "nothing said"
