"""The answers of one experiment on both images, try by try."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from careen.model.behaviour import Deviation, Weight
from careen.model.exploration import Answer, Explored
from careen.model.paths import ImagePath
from careen.verify.causes import Causes, window
from careen.verify.headers import is_json, unlike_headers
from careen.verify.json_body import Unlike, parse_json, unlike
from careen.verify.normal import Noise
from careen.verify.repeated import MOST, Known, base_id, learn
from careen.verify.text_body import unlike_text
from careen.verify.words import brief, counted, listed

_AT_ONCE, _PATIENCE = 1.0, 3.0
_KINDS = {"http": "http-status", "raw": "connection", "signal": "exit-status", "import": "import"}


@dataclass(frozen=True, slots=True)
class _Try:
    """One try on both images."""

    where: str
    before: Answer
    after: Answer
    known: Known

    @property
    def kind(self) -> str:
        return _KINDS.get(self.before.kind, "command")


@dataclass(frozen=True, slots=True)
class Measure:
    """What is noise in answers: declared and known kinds, and by base id of a try what the original's other experiments show."""

    noise: Noise
    elsewhere: Mapping[str, Known] = field(default_factory=dict)


def compare_answers(where: str, before: Explored, after: Explored, measure: Measure, causes: Causes) -> Iterator[Deviation]:
    """Yield how the answers differ, in the order of the tries; a try is known by its id, and the second of one id by its number.

    Another status is a failure, unless the original's own repetitions had it, too, or it is better than before (an answer where there was none, success where
    a command failed): then a warning. So is an answer to nonsense that does not come: a server that closes before it has read all may lose its own answer on
    the way, and one that has crashed fails all later tries.

    Bodies are warnings, but for JSON that is no JSON any more, and for what the original answers the same way each time: there another shape of the JSON, or a
    difference for which the container missed a removed path at that time, is a failure.
    """
    noise = measure.noise
    before_that = _Earlier(causes)
    known = {name: found.beside(measure.elsewhere.get(name)) for name, found in learn(before.answers[:MOST], noise).items()}
    second = _numbered(after.answers[:MOST])
    missing: list[str] = []
    for key, answer in _numbered(before.answers[:MOST]).items():
        other = second.get(key)
        if other is None:
            missing.append(answer.id)
        else:
            yield from _compare(_Try(f"{where}: {brief(answer.id)}", answer, other, known[base_id(answer.id)]), noise, before_that)
    if missing:
        why = f" ({brief(after.skipped)})" if after.skipped else ""
        yield Deviation(
            "connection",
            Weight.WARNING if before.skipped else Weight.FAILURE,
            where,
            "one try made" if len(before.answers) == 1 else f"{len(before.answers)} tries made",
            f"{len(missing)} of them not made{why}: {listed(missing, 3)}",
            () if before.skipped else causes.fit(None, (after.logs[-4096:],)),
        )


def _numbered(answers: Sequence[Answer]) -> Mapping[tuple[str, int], Answer]:
    seen: dict[str, int] = {}
    out: dict[tuple[str, int], Answer] = {}
    for answer in answers:
        seen[answer.id] = seen.get(answer.id, 0) + 1
        out[answer.id, seen[answer.id]] = answer
    return out


class _Earlier:
    """The causes of tries. A path is looked for the first time only once: what the first try of a kind lacked, the next one lacks, too."""

    def __init__(self, causes: Causes) -> None:
        self.causes = causes
        self._found: dict[str, tuple[ImagePath, ...]] = {}

    def of(self, item: _Try) -> tuple[ImagePath, ...]:
        """Return what explains a try: what belongs to it, else what explained the same try before, else one of the same operation."""
        keys = [key for key in (base_id(item.after.id), item.after.operation) if key]
        otherwise = next((self._found[key] for key in keys if key in self._found), ())
        when = window(item.after.begun, item.after.seconds)
        found = self.causes.fit(when, (item.after.note, item.after.body), otherwise)
        if found:
            for key in keys:
                self._found.setdefault(key, found)
        return found


def _compare(item: _Try, noise: Noise, causes: _Earlier) -> Iterator[Deviation]:
    before, after = item.before, item.after
    if before.status != after.status:
        if before.kind != "raw" or before.status is not None:  # an answer to nonsense that came through this time is no news
            yield _status(item, causes)
        return
    if noise.line(before.note) != noise.line(after.note):
        yield Deviation(item.kind, Weight.WARNING, item.where, _said(before.note), _said(after.note), causes.of(item))
    if before.kind == "http" and before.status is not None:
        yield from _headers(item, noise, causes)
    yield from _body(item, noise, causes)


def _status(item: _Try, causes: _Earlier) -> Deviation:
    before, after = item.before, item.after
    kind = "connection" if item.before.kind == "http" and None in (before.status, after.status) else item.kind
    chance = after.status in item.known.statuses or _too_close(before, after) or (before.kind == "raw" and after.status is None)
    weight = Weight.WARNING if chance or _better(before, after) else Weight.FAILURE
    return Deviation(kind, weight, item.where, _answer(before), _answer(after), causes.of(item))


def _too_close(before: Answer, after: Answer) -> bool:
    """No answer within a time that is less than three times what the original took may come from a machine that is busy."""
    return after.status is None and after.seconds > _AT_ONCE and after.seconds < _PATIENCE * before.seconds


def _better(before: Answer, after: Answer) -> bool:
    """An answer where there was none, or success where there was none. A server's error where there was none is no better."""
    if before.kind == "http":
        return before.status is None and after.status is not None and after.status < 500  # noqa: PLR2004 — 5xx
    return after.status == 0


def _headers(item: _Try, noise: Noise, causes: _Earlier) -> Iterator[Deviation]:
    for found in unlike_headers(item.before.headers, item.after.headers, noise):
        if found.name in item.known.headers:
            continue
        weight = Weight.FAILURE if found.relied_on else Weight.WARNING
        before, after = (f"{found.name}: {value}" if value else f"no {found.name}" for value in (found.before, found.after))
        yield Deviation("http-header", weight, item.where, before, after, causes.of(item) if found.relied_on else ())


def _body(item: _Try, noise: Noise, causes: _Earlier) -> Iterator[Deviation]:
    before, after = item.before, item.after
    if before.body == after.body:
        return
    kind = "http-body" if before.kind == "http" else item.kind
    one, two = parse_json(before.body), parse_json(after.body)
    if one is not None and two is not None:
        found = unlike(one[0], two[0], noise, item.known.json)
        if found:
            yield Deviation(kind, _weight(item, causes, structural=any(x.structural for x in found)), item.where, *_first(found), causes.of(item))
        return
    if one is not None and _complete(after) and (before.kind == "http" or not after.body.strip()):
        yield Deviation(kind, Weight.FAILURE, item.where, "JSON", f"no JSON: {brief(after.body, 80)!r}", causes.of(item))
        return
    lines = unlike_text(before.body, after.body, noise, item.known.text)
    if lines is not None:
        more = f" ({counted(lines.lines, 'line')} in all)" if lines.lines > 1 else ""
        weight = _weight(item, causes, structural=False)
        yield Deviation(kind, weight, item.where, repr(lines.before), f"{lines.after!r}{more}", causes.of(item))


def _complete(answer: Answer) -> bool:
    """A body that says it is JSON and cannot be read was cut, or is too deep: that is no other kind of answer."""
    return not is_json({name.lower(): value for name, value in answer.headers.items()}.get("content-type", ""))


def _weight(item: _Try, causes: _Earlier, *, structural: bool) -> Weight:
    if not item.known.steady:
        return Weight.WARNING
    missed = causes.causes.during(window(item.after.begun, item.after.seconds))
    return Weight.FAILURE if structural or missed else Weight.WARNING


def _first(found: Sequence[Unlike]) -> tuple[str, str]:
    """The first structural difference, else the first; the others are counted."""
    shown = next((item for item in found if item.structural), found[0])
    others = len(found) - 1
    more = f" (and {others} more places)" if others > 1 else " (and one more place)" if others else ""
    return f"{shown.place} = {brief(shown.before, 80)}", f"{brief(shown.after, 80)}{more}"


def _answer(answer: Answer) -> str:
    said = f" ({brief(answer.note)})" if answer.note else ""
    if answer.status is None:
        return f"no answer{said}" if answer.kind in ("http", "raw") else f"no status{said}"
    if answer.kind == "http":
        first = brief(answer.body, 80)
        return f"{answer.status}{said}" + (f" {first!r}" if answer.status >= 500 and first else "")  # noqa: PLR2004 — 5xx
    return f"status {answer.status}{said}"


def _said(note: str) -> str:
    return brief(note) if note else "nothing said"
