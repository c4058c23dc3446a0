"""Keep rules: data files that say what a profile cannot see, and when it is needed.

A file holds `version = 1` and `[[rule]]` tables; docs/plan.md describes every key. Conditions refer
to mechanisms (what was imported, executed, kept, which C library), never to image names.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from careen.errors import ConfigError
from careen.formats.json_document import Strict, shown
from careen.model.plan import Level
from careen.plan.core.compiler_wrappers import KINDS
from careen.plan.core.globs import glob_problem
from careen.tools.read_file import read_file

VERSION = 1
MAX_RULE_FILE = 1 << 20
_READ = Strict(ConfigError, "rule file")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
_GLOBS = frozenset(
    {
        "keep",
        "drop",
        "siblings",
        "kept",
        "exists",
        "opened",
        "not_by",
        "by_used",
        "include_sources",
        "include_directories",
    }
)
_OF_OPENED = ("not_by", "by_used", "with_symbols")
_INCLUDES = ("include_sources", "include_names", "include_directories")
_DOES = ("keep", "drop", "siblings", "packages", "commands", "skip_commands", "skip_literals")
_STATIC = frozenset(
    {"libc", "imported", "executed", "exists", "package", "source", "env", "compiles"}
)


@dataclass(frozen=True, slots=True)
class Condition:
    """Conditions of a rule.

    Every key that is given must hold; within a key one item is enough. Without keys it is always
    true.
    """

    libc: tuple[str, ...] = ()  # glibc, musl
    imported: tuple[str, ...] = ()  # top-level Python modules with a file that was opened or mapped
    executed: tuple[str, ...] = ()  # base names of programs that ran, version suffix ignored
    kept: tuple[str, ...] = ()  # globs
    exists: tuple[str, ...] = ()  # globs
    package: tuple[str, ...] = ()  # names of installed packages
    source: tuple[str, ...] = ()  # texts in the application's own source or the image's command
    env: tuple[str, ...] = ()  # variables that the image's configuration sets, or NAME=item
    rule: tuple[str, ...] = ()  # ids of drop rules whose own conditions hold
    opened: tuple[str, ...] = ()  # globs of base names of libraries that a kept path opens or links
    compiles: tuple[str, ...] = ()  # code that is compiled at run time: torch, extension, c

    def given(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the keys that are set, with their items."""
        for item in fields(self):
            if value := getattr(self, item.name):
                yield item.name, value


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it keeps, drops or skips, and when."""

    id: str
    reason: str
    source: str
    origin: str
    levels: frozenset[Level]
    when: Condition = field(default_factory=Condition)
    unless: Condition = field(default_factory=Condition)
    keep: tuple[str, ...] = ()  # globs
    # Globs of paths left out of a package, distribution or tree that is kept. They stay if they
    # were used, are linked, or a rule keeps them.
    drop: tuple[str, ...] = ()
    # Base-name globs: a kept match keeps its neighbours that match the same glob.
    siblings: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()  # kept whole, with their dependencies
    commands: tuple[str, ...] = ()  # kept if they are on PATH
    # Not kept merely because a third-party library could call them.
    skip_commands: tuple[str, ...] = ()
    # Not kept merely because the application's source has that word as a text.
    skip_literals: tuple[str, ...] = ()
    include_sources: tuple[str, ...] = ()  # globs of sources that generate C or C++ with headers
    include_names: tuple[str, ...] = ()  # more headers
    # Globs of directories to search for the headers; what they include is kept too.
    include_directories: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()  # globs of paths that do not count for `opened`
    by_used: tuple[str, ...] = ()  # globs of paths that count for `opened` only if they were used
    # Parts of names of symbols: for `opened`, only what is linked and names one counts.
    with_symbols: tuple[str, ...] = ()
    even_whole: bool = False  # `drop` holds also for a package that another rule keeps whole
    # `drop` names only native code for another system or processor, by its header.
    only_foreign: bool = False


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in the order of their files, with unique ids.

    `own` are the ids of careen's rules; the others are the user's.
    """

    rules: tuple[Rule, ...]
    own: frozenset[str] = frozenset()

    def at(self, level: Level) -> tuple[Rule, ...]:
        """Return the rules that count at a level."""
        return tuple(rule for rule in self.rules if level in rule.levels)


def load_rules(extra: Sequence[Path] = ()) -> RuleSet:
    """Return careen's own rules, then those of the user's files.

    Raises ConfigError with file and place; a user's rule may not take an id that exists.
    """
    rules = list(_own_rules())
    ours = frozenset(rule.id for rule in rules)
    for path in extra:
        rules.extend(parse_rules(read_file(path, MAX_RULE_FILE), str(path)))
    seen: dict[str, Rule] = {}
    for rule in rules:
        if (other := seen.setdefault(rule.id, rule)) is not rule:
            msg = (
                f"{rule.origin}: rule id {rule.id!r} is already used in {other.origin}: choose"
                " another id"
            )
            raise ConfigError(msg)
    for rule in rules:
        for ident in (*rule.when.rule, *rule.unless.rule):
            if ident not in seen or not seen[ident].drop:
                raise ConfigError(
                    f"{rule.origin}: rule {rule.id} depends on {ident!r}, which is no rule with"
                    " drop"
                )
    return RuleSet(tuple(rules), ours)


@cache
def _own_rules() -> tuple[Rule, ...]:
    folder = resources.files("careen.plan") / "rules"
    own = sorted(
        (item for item in folder.iterdir() if item.name.endswith(".toml")),
        key=lambda item: item.name,
    )
    return tuple(rule for item in own for rule in parse_rules(item.read_bytes(), item.name))


def parse_rules(data: bytes, origin: str) -> tuple[Rule, ...]:
    """Return the rules of one file, which `origin` names in messages; raise ConfigError."""
    if len(data) > MAX_RULE_FILE:
        raise ConfigError(
            f"{origin}: larger than the {MAX_RULE_FILE} bytes that a rule file may have"
        )
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # also for a number of 5,000 digits
        msg = f"{origin}: not valid TOML: {error}"
        raise ConfigError(msg) from error
    _only(document, {"version", "rule"}, origin)
    if document.get("version") != VERSION:
        raise _READ.wrong(f"{origin}: version", str(VERSION), document.get("version"))
    tables = document.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(f"{origin}: rule: expected [[rule]] tables")
    return tuple(
        _rule(table, f"{origin}: rule[{number}]", origin) for number, table in enumerate(tables)
    )


def _rule(table: Mapping[str, Any], place: str, origin: str) -> Rule:
    ident = table.get("id")
    if not isinstance(ident, str) or not _ID.match(ident):
        raise _READ.wrong(place, "lower-case letters, digits and dashes", ident, "id")
    place = f"{place} ({ident})"
    _only(table, {item.name for item in fields(Rule)} - {"origin"}, place)
    lists = {key: _strings(table, key, place) for key in (*_DOES, *_INCLUDES, *_OF_OPENED)}
    if not any(lists[key] for key in (*_DOES, *_INCLUDES)):
        raise ConfigError(
            f"{place}: does nothing: give at least one of {', '.join(_DOES)}, include_sources"
        )
    if any(lists[key] for key in _INCLUDES) and not (
        lists["include_directories"] and (lists["include_sources"] or lists["include_names"])
    ):
        raise ConfigError(
            f"{place}: headers are found with include_directories and include_sources or"
            " include_names: give both"
        )
    even_whole, only_foreign = (
        _beside_drop(table, key, place) for key in ("even_whole", "only_foreign")
    )
    when, unless = _condition(table, "when", place), _condition(table, "unless", place)
    dynamic = [
        key for condition in (when, unless) for key, _ in condition.given() if key not in _STATIC
    ]
    if lists["skip_commands"] + lists["skip_literals"] and (
        when != Condition() or unless != Condition()
    ):
        raise ConfigError(
            f"{place}: a rule with skip_commands or skip_literals counts always: leave out when and"
            " unless, or make it a rule of its own"
        )
    if lists["drop"] and "rule" in dynamic:
        raise ConfigError(f"{place}: a rule with drop may not depend on another rule")
    if lists["drop"] and dynamic:
        raise ConfigError(
            f"{place}: a rule with drop may not depend on {dynamic[0]!r}, which is known only while"
            " keeping grows"
        )
    if grown := [key for key, _ in unless.given() if key in ("kept", "opened")]:
        raise ConfigError(
            f"{place}.unless.{grown[0]}: not allowed: what is kept only grows, so the answer would"
            " depend on the order"
        )
    if lonely := [key for key in _OF_OPENED if lists[key] and not when.opened]:
        raise ConfigError(f"{place}.{lonely[0]}: belongs beside when.opened")
    return Rule(
        ident,
        _text(table, "reason", place),
        _text(table, "source", place),
        origin,
        _levels(table, place),
        when,
        unless,
        **lists,
        even_whole=even_whole,
        only_foreign=only_foreign,
    )


def _beside_drop(table: Mapping[str, Any], key: str, place: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool) or (value and not table.get("drop")):
        raise _READ.wrong(place, "true or false beside drop", value, key)
    return value


def _levels(table: Mapping[str, Any], place: str) -> frozenset[Level]:
    names = _strings(table, "levels", place) or (Level.CLOSURE.value, Level.PACKAGE.value)
    try:
        return frozenset(Level(item) for item in names)
    except ValueError:
        expected = "observed, closure or package"
        raise _READ.wrong(place, expected, list(names), "levels") from None


def _condition(table: Mapping[str, Any], key: str, place: str) -> Condition:
    raw = table.get(key, {})
    if not isinstance(raw, dict):
        raise _READ.wrong(place, "a table", raw, key)
    names = [item.name for item in fields(Condition)]
    _only(raw, set(names), f"{place}.{key}")
    values = {item: _strings(raw, item, f"{place}.{key}") for item in names if item in raw}
    if bad := [item for item in values.get("libc", ()) if item not in ("glibc", "musl")]:
        raise _READ.wrong(f"{place}.{key}", "glibc or musl", bad[0], "libc")
    if bad := [item for item in values.get("compiles", ()) if item not in KINDS]:
        raise _READ.wrong(f"{place}.{key}", ", ".join(KINDS), bad[0], "compiles")
    return Condition(**values)


def _only(table: Mapping[str, Any], allowed: set[str], place: str) -> None:
    if unknown := sorted(set(table) - allowed):
        raise ConfigError(
            f"{place}: unknown key {shown(unknown[0])}; known are {', '.join(sorted(allowed))}"
        )


def _text(table: Mapping[str, Any], key: str, place: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _READ.wrong(place, "a text", value, key)
    return value


def _strings(table: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    value = table.get(key, [])
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) and item for item in items):
        raise _READ.wrong(place, "a list of texts", value, key)
    for position, item in enumerate(items):
        if key in _GLOBS and (problem := glob_problem(item)):
            raise ConfigError(f"{place}.{key}[{position}]: {problem}: {item!r}")
    return tuple(items)
