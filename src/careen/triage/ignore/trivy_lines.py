"""`.trivyignore`, Trivy's list of ignored findings: one identifier per line."""

import datetime as dt
import re
from collections.abc import Collection, Sequence

from careen.triage.ignore.rule import MAX_REASON, UNEXPLAINED, Rule, day, refuse, review_in
from careen.triage.ignore.shape import IgnoreList, NewEntry, Shape
from careen.triage.ignore.text_lines import lines_of, with_lines, without_lines

NAME = ".trivyignore"

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z")


def parse_trivy_ignore(data: bytes, name: str) -> tuple[Rule, ...]:
    """Parse `CVE-2024-1234 [exp:2026-12-31]`, one per line.

    The comment in a line or right above it is its reason. Raises ConfigError `name:line: …`.
    """
    rules: list[Rule] = []
    above: list[str] = []
    for number, where, line in lines_of(data, name):
        text, sharp, comment = line.partition("#")
        words = text.split()
        if not words:
            above = [*above, comment.strip()] if sharp else []
            continue
        reason = comment.strip() or " ".join(filter(None, above)) or UNEXPLAINED
        rules.append(_rule(words, reason[:MAX_REASON], where, number))
        above = []
    return tuple(rules)


def _rule(words: list[str], reason: str, where: str, number: int) -> Rule:
    identifier, *rest = words
    if (
        not _IDENTIFIER.match(identifier)
        or len(rest) > 1
        or not all(word.startswith("exp:") for word in rest)
    ):
        raise refuse(
            where, f"expected ID [exp:YYYY-MM-DD], as Trivy has it, got {' '.join(words)[:80]!r}"
        )
    until = last_day(day(rest[0].removeprefix("exp:"), "exp", where)) if rest else None
    review_by = review_in(reason) if until is None else None
    return Rule(identifier.upper(), "", reason, until, where, review_by, number)


def last_day(expired_at: dt.date) -> dt.date:
    """Return the last day on which Trivy applies an entry: it ends as its day begins, in UTC."""
    return expired_at - dt.timedelta(days=1) if expired_at > dt.date.min else expired_at


def _parse(data: bytes, name: str) -> IgnoreList:
    return IgnoreList(parse_trivy_ignore(data, name))


def _add(data: bytes, entries: Sequence[NewEntry], _name: str) -> bytes:
    """Add one entry for each identifier: the shape has no packages."""
    alike: dict[str, list[NewEntry]] = {}
    for entry in entries:
        alike.setdefault(entry.identifier, []).append(entry)
    for first, *others in alike.values():
        noun = "package" if len(others) == 1 else "packages"
        more = f"; {first.name}, and {len(others)} more {noun}" if others else ""
        lines = (f"# {first.reason}{more}", f"{first.identifier} exp:{first.review_by}")
        data = with_lines(data, lines, apart=True)
    return data


def _remove(data: bytes, places: Collection[int], _name: str) -> bytes:
    return without_lines(data, places)


SHAPE = Shape("Trivy's list", _parse, _add, _remove)
