"""Catalogue of all rules and mechanisms, and the rules as a Markdown table."""

import inspect
from collections.abc import Iterable, Iterator

from careen.model.plan import CONTRACT, DRIFT, EXPLORED, Level
from careen.model.rulebook import Clause, RuleKind, RuleText
from careen.plan.core.mechanism import Mechanism
from careen.plan.core.rules import Condition, Rule, RuleSet

_HEAD = """# Rules

What careen's own rule files state (`careen/plan/rules/*.toml`; [their keys](plan.md#rule-files)). This page is generated from them.
A plan names a rule as `rule:<id>`. `careen rules` lists them with the [mechanisms](plan.md#mechanisms-of-the-closure), `careen rules ID` prints one in full.

`careen rules --plan a/plan.json --plan b/plan.json` counts what each kept and removed in these plans (paths that were decided for its reason and no
other; bytes too where a report's `index.json` lies beside the plan) and ends with those that did nothing in any: a rule whose conditions never hold in
anybody's images, or whose paths are always decided for another reason, is one to question. In `--json` that is `idle`.

| rule | does | when | why | known from |
| --- | --- | --- | --- | --- |
"""
_DOES = {
    "keep": "keeps",
    "siblings": "keeps beside each other",
    "packages": "keeps whole packages",
    "commands": "keeps commands",
    "drop": "leaves out",
    "skip_commands": "does not take for commands of libraries",
    "skip_literals": "does not take for commands of the application",
    "include_sources": "keeps the headers that are named in",
    "include_names": "keeps the headers named",
    "include_directories": "looks for headers in",
}
_IN_FULL = ("include_names", "include_directories")
_SHOWN = 3
_OF_OPENED = {
    "not_by": "but not by",
    "by_used": "only if it was used, by",
    "with_symbols": "linked only with symbols like",
}

SEEDS = frozenset(
    {
        "observed",
        EXPLORED,
        DRIFT,
        CONTRACT,
        "directory",
        "image-config",
        "writable-directory",
        "look-ups-unseen",
        "package-record",
        "package-removed",
        "unused",
        "unknown",
        "user-keep",
        "user-remove",
        "repair",
        "as-before",
        "not-derived",
        "package-derived",
    }
)
"""Reason codes that no mechanism gives: where the closure starts and ends."""


def mechanism_texts(mechanisms: Iterable[type[Mechanism]]) -> Iterator[RuleText]:
    """Yield the mechanisms, except that of the rules: those are listed one by one."""
    for item in mechanisms:
        if item.id != "rules":
            what = " ".join((inspect.getdoc(item) or "").split())
            levels = _levels(Level if item.at_observed else (Level.CLOSURE, Level.PACKAGE))
            yield RuleText(
                item.id,
                RuleKind.MECHANISM,
                "closure",
                own=True,
                levels=levels,
                what=what,
                does=(),
                when=(),
                unless=(),
                why=item.why,
                source="",
                codes=item.codes,
            )


def rule_texts(rules: RuleSet) -> Iterator[RuleText]:
    """Yield the rules in the order of their files."""
    for rule in rules.rules:
        does = tuple(
            Clause(key, _verb(rule, key), getattr(rule, key)) for key in _DOES if getattr(rule, key)
        )
        when = tuple(Clause(key, key, items) for key, items in rule.when.given())
        unless = (
            *(Clause(key, f"not: {key}", items) for key, items in rule.unless.given()),
            *(Clause(key, verb, items) for key, verb, items in _of_opened(rule)),
        )
        own, levels = rule.id in rules.own, _levels(rule.levels)
        yield RuleText(
            rule.id,
            RuleKind.RULE,
            rule.origin,
            own=own,
            levels=levels,
            what="",
            does=does,
            when=when,
            unless=unless,
            why=rule.reason,
            source=rule.source,
            codes=(f"rule:{rule.id}",),
        )


def _levels(levels: Iterable[Level]) -> tuple[str, ...]:
    chosen = set(levels)
    return tuple(level.value for level in Level if level in chosen)


def rule_table(rules: RuleSet) -> str:
    """Return the Markdown page; long lists are cut after three items."""
    return _HEAD + "".join(
        f"| {' | '.join(_escaped(cell) for cell in _cells(rule))} |\n" for rule in rules.rules
    )


def _cells(rule: Rule) -> Iterator[str]:
    yield f"`{rule.id}`"
    yield "; ".join(
        f"{_verb(rule, key)} {_items(getattr(rule, key))}"
        for key in _DOES
        if getattr(rule, key) and key not in _IN_FULL
    )
    apart = (f"{verb} {_items(items)}" for _, verb, items in _of_opened(rule))
    yield (
        "; ".join([*_conditions("", rule.when), *apart, *_conditions("not: ", rule.unless)])
        or "always"
    )
    yield rule.reason
    yield rule.source


def _of_opened(rule: Rule) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield what limits a rule's condition `opened`: key, words, items."""
    for key, verb in _OF_OPENED.items():
        if items := getattr(rule, key):
            yield key, verb, items


def _verb(rule: Rule, key: str) -> str:
    return (
        f"{_DOES[key]} the native code for other systems and processors among"
        if key == "drop" and rule.only_foreign
        else _DOES[key]
    )


def _conditions(prefix: str, condition: Condition) -> Iterator[str]:
    for key, items in condition.given():
        yield f"{prefix}{key} {_items(items)}"


def _items(items: Iterable[str]) -> str:
    listed = list(items)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(f"`{item}`" for item in listed[:_SHOWN]) + more


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
