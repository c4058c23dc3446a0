"""`.careenignore`: an identifier on each line, with its package, days and reason."""

import re
import shlex
from collections.abc import Collection, Sequence

from careen.errors import ConfigError
from careen.triage.ignore.rule import ANY, Rule, check_days, check_glob, day, refuse
from careen.triage.ignore.shape import IgnoreList, NewEntry, Shape
from careen.triage.ignore.text_lines import lines_of, with_lines, without_lines

NAME = ".careenignore"

_WORD = re.compile(r"([a-z_]+)=(.*)\Z", re.DOTALL)
_SETTINGS = ("review_by", "until", "reason")
_PLAIN = re.compile(r"[A-Za-z0-9@._:/+~-]+\Z")  # a package's name that is its own glob
_EXPECTED = 'expected ID [PACKAGE] [review_by=YYYY-MM-DD] [until=YYYY-MM-DD] reason="…"'


def parse_ignore_file(data: bytes, name: str) -> tuple[Rule, ...]:
    """Parse rules, one per line: `CVE-2024-1234 [GLOB] [until=2026-12-31] reason="…"`.

    `#` starts a comment. Raises ConfigError `name:line: …`.
    """
    found = ((number, where, _words(line, where)) for number, where, line in lines_of(data, name))
    return tuple(_rule(words, where, number) for number, where, words in found if words)


def _words(line: str, where: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        msg = f"{where}: a quotation mark is not closed: {line[:80]!r}"
        raise ConfigError(msg) from error


def _rule(words: Sequence[str], where: str, number: int) -> Rule:
    identifier, *rest = words
    package, settings = "", dict[str, str]()
    for word in rest:
        setting = _WORD.match(word)
        if setting is not None and setting.group(1) in _SETTINGS:
            if setting.group(1) in settings:
                raise refuse(where, f"{setting.group(1)} is there twice")
            settings[setting.group(1)] = setting.group(2)
        elif package or setting is not None:
            raise refuse(where, f"{_EXPECTED}, got {word[:80]!r}")
        else:
            package = check_glob(word, where)
    if identifier == ANY and package in {"", ANY}:
        raise refuse(
            where,
            "a rule for every finding of every package hides everything; name an id or a package",
        )
    reason = settings.get("reason", "").strip()
    if not reason:
        raise refuse(where, 'a rule needs a reason="…"')
    until, review_by = (
        day(settings[word], word, where) if word in settings else None
        for word in ("until", "review_by")
    )
    check_days(review_by, until, where)
    return Rule(identifier.upper(), package, reason, until, where, review_by, number)


def _parse(data: bytes, name: str) -> IgnoreList:
    return IgnoreList(parse_ignore_file(data, name))


def _add(data: bytes, entries: Sequence[NewEntry], _name: str) -> bytes:
    return with_lines(data, [_line(entry) for entry in entries])


def _line(entry: NewEntry) -> str:
    package = entry.name if _PLAIN.match(entry.name) else entry.purl.partition("?")[0]
    reason = entry.reason.replace("\\", "\\\\").replace('"', '\\"')
    return f'{entry.identifier}  {package}  review_by={entry.review_by}  reason="{reason}"'


def _remove(data: bytes, places: Collection[int], _name: str) -> bytes:
    return without_lines(data, places)


SHAPE = Shape("careen's list", _parse, _add, _remove)
