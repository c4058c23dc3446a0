"""Parser of `.careenignore`: findings that the user has reviewed and does not want to see.

Each rule has a reason, and preferably an end date (docs/triage.md).
"""

import datetime as dt
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from careen.errors import ConfigError
from careen.model.findings.finding import Finding
from careen.model.findings.triage import Suppressed, Triaged
from careen.triage.applied import Applied

NAME = ".careenignore"
MAX_FILE = 4 << 20
MAX_RULES = 50_000
MAX_GLOB = 500  # characters; package names are shorter
MAX_STARS = 8  # in one glob; each further star multiplies the cost of matching

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_WORD = re.compile(r"([a-z]+)=(.*)\Z", re.DOTALL)
ANY = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    `identifier`: a CVE or alias in upper case, or `*` with a `package`. `package`: a glob for the
    name or the purl, "" for all. `until`: the last day of validity. `where`: `file:line`.
    """

    identifier: str
    package: str
    reason: str
    until: dt.date | None
    where: str


def parse_ignore_file(data: bytes, name: str) -> tuple[Rule, ...]:
    """Parse rules, one per line: `CVE-2024-1234 [GLOB] [until=2026-12-31] reason="…"`.

    `#` starts a comment. Raises ConfigError `name:line: …`.
    """
    found = ((where, _words(line, where)) for where, line in lines_of(data, name))
    return tuple(_rule(words, where) for where, words in found if words)


def lines_of(data: bytes, name: str) -> Iterator[tuple[str, str]]:
    """Yield `name:number` and the stripped text of each line.

    Raises ConfigError if it is not UTF-8 or has more than MAX_RULES lines with rules.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        msg = f"{name}:{line}: not UTF-8 text"
        raise ConfigError(msg) from error
    rules = 0
    for number, raw in enumerate(text.split("\n"), 1):
        stripped = raw.strip()
        rules += bool(stripped) and not stripped.startswith("#")
        if rules > MAX_RULES:
            msg = f"{name}:{number}: more than the {MAX_RULES} rules that are read of such a file"
            raise ConfigError(msg)
        yield f"{name}:{number}", stripped


def _words(line: str, where: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        msg = f"{where}: a quotation mark is not closed: {line[:80]!r}"
        raise ConfigError(msg) from error


def _rule(words: Sequence[str], where: str) -> Rule:
    identifier, *rest = words
    package, settings = "", dict[str, str]()
    for word in rest:
        setting = _WORD.match(word)
        if setting is not None and setting.group(1) in {"until", "reason"}:
            if setting.group(1) in settings:
                raise _refuse(where, f"{setting.group(1)} is there twice")
            settings[setting.group(1)] = setting.group(2)
        elif package or setting is not None:
            raise _refuse(
                where, f'expected ID [PACKAGE] [until=YYYY-MM-DD] reason="…", got {word[:80]!r}'
            )
        else:
            package = _glob(word, where)
    if identifier == ANY and package in {"", ANY}:
        raise _refuse(
            where,
            "a rule for every finding of every package hides everything; name an id or a package",
        )
    reason = settings.get("reason", "").strip()
    if not reason:
        raise _refuse(where, 'a rule needs a reason="…"')
    return Rule(
        identifier.upper(),
        package,
        reason,
        day(settings["until"], "until", where) if "until" in settings else None,
        where,
    )


def _refuse(where: str, why: str) -> ConfigError:
    return ConfigError(f"{where}: {why}")


def _glob(word: str, where: str) -> str:
    if len(word) > MAX_GLOB or word.count(ANY) > MAX_STARS:
        raise _refuse(
            where,
            f"a glob has at most {MAX_GLOB} characters and {MAX_STARS} stars, got {word[:80]!r}",
        )
    return word


def day(text: str, word: str, where: str) -> dt.date:
    """Parse the day on which a rule ends. Raises ConfigError."""
    try:
        if _DATE.match(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise _refuse(where, f"{word}: expected a day that exists as YYYY-MM-DD, got {text[:80]!r}")


def apply_ignore_file(items: Iterable[Triaged], rules: Sequence[Rule], today: dt.date) -> Applied:
    """Suppress the findings that a rule names; the first valid rule counts.

    Expired rules do not apply. They give a warning, as do rules that match nothing.
    """
    by_id: dict[str, list[int]] = {}
    for i, rule in enumerate(rules):
        by_id.setdefault(rule.identifier, []).append(i)
    hits = [0] * len(rules)
    left: list[Triaged] = []
    suppressed: list[Suppressed] = []
    for item in items:
        matching = _matching(item.finding, rules, by_id)
        for i in matching:
            hits[i] += 1
        speaking = next((rules[i] for i in matching if not _expired(rules[i], today)), None)
        if speaking is None:
            left.append(item)
        else:
            suppressed.append(
                Suppressed(
                    item,
                    speaking.where,
                    speaking.reason,
                    speaking.until.isoformat() if speaking.until else "",
                )
            )
    warnings = tuple(
        text
        for rule, count in zip(rules, hits, strict=True)
        for text in _warnings(rule, count, today)
    )
    return Applied(tuple(left), tuple(suppressed), warnings)


def _matching(finding: Finding, rules: Sequence[Rule], by_id: dict[str, list[int]]) -> list[int]:
    names = [ANY, *(identifier.upper() for identifier in finding.identifiers)]
    found = sorted({i for name in names for i in by_id.get(name, ())})
    return [i for i in found if _matches_package(rules[i].package, finding)]


def _matches_package(glob: str, finding: Finding) -> bool:
    if not glob or finding.package == glob:
        return True
    return any(
        fnmatchcase(name, glob)
        for name in (finding.name, finding.package, finding.package.partition("?")[0])
    )


def _expired(rule: Rule, today: dt.date) -> bool:
    return rule.until is not None and rule.until < today


def _warnings(rule: Rule, hits: int, today: dt.date) -> Iterable[str]:
    what = rule.identifier if not rule.package else f"{rule.identifier} {rule.package}"
    if hits == 0:
        yield f"{rule.where}: {what}: matches no finding; remove the line"
    elif _expired(rule, today):
        noun = "1 finding counts" if hits == 1 else f"{hits:,} findings count"
        yield f"{rule.where}: {what}: expired on {rule.until}, so {noun} again; review it"
