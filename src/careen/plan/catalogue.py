"""All rules as a Markdown table, for the documentation: what each does, why, and where that is known from."""

from collections.abc import Iterable, Iterator

from careen.plan.rules import Condition, Rule, RuleSet

_HEAD = """# Rules

What careen's own rule files state (`careen/plan/rules/*.toml`; [their keys](plan.md#rule-files)). This page is generated from them.
A plan names a rule as `rule:<id>`.

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
}
_SHOWN = 3


def rule_table(rules: RuleSet) -> str:
    """Return the page; long lists are cut after three items."""
    return _HEAD + "".join(f"| {' | '.join(_escaped(cell) for cell in _cells(rule))} |\n" for rule in rules.rules)


def _cells(rule: Rule) -> Iterator[str]:
    yield f"`{rule.id}`"
    yield "; ".join(f"{verb} {_items(getattr(rule, key))}" for key, verb in _DOES.items() if getattr(rule, key))
    yield "; ".join([*_conditions("", rule.when), *_conditions("not: ", rule.unless)]) or "always"
    yield rule.reason
    yield rule.source


def _conditions(prefix: str, condition: Condition) -> Iterator[str]:
    for key, items in condition.given():
        yield f"{prefix}{key} {_items(items)}"


def _items(items: Iterable[str]) -> str:
    listed = list(items)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(f"`{item}`" for item in listed[:_SHOWN]) + more


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
