"""Rules and mechanisms of planning, and their effects on some plans."""

import enum
from dataclasses import dataclass


class RuleKind(enum.Enum):
    """Kind of a rulebook entry.

    `MECHANISM` is code that follows kept files to what they need. `RULE` is a table of a rule file.
    """

    MECHANISM = "mechanism"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Clause:
    """One key of a rule.

    `key` is its name in the rule file, `words` the text before its items ("keeps", "not:
    executed").
    """

    key: str
    words: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule or mechanism as listed.

    `origin` is the rule file's name (a path if it is the user's), or "closure". `what` describes a
    mechanism in a sentence; it is empty for a rule. The rule applies if every clause of `when` has
    a matching item and no item of `unless` matches. `levels` are those at which it applies,
    narrowest first; `codes` are those of its reasons in a plan.
    """

    id: str
    kind: RuleKind
    origin: str
    own: bool
    levels: tuple[str, ...]
    what: str
    does: tuple[Clause, ...]
    when: tuple[Clause, ...]
    unless: tuple[Clause, ...]
    why: str
    source: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """Effect of one rule or mechanism in one plan.

    Counts cover paths with this reason alone. Bytes are of regular files, None if sizes are
    unknown. `held` says whether its conditions held, None if the plan does not record it.
    """

    held: bool | None
    kept_paths: int
    removed_paths: int
    kept_bytes: int | None
    removed_bytes: int | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with its effect in each plan, in the order of the plans."""

    rule: RuleText
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class IdleRule:
    """A rule or mechanism without effect in any plan, and a possible reason."""

    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules and mechanisms, with their effects.

    `rows` are in the order of mechanisms and files. `plans` are the examined files. `idle` are the
    rules without effect in any of them, empty without plans.
    """

    rows: tuple[RuleRow, ...]
    plans: tuple[str, ...] = ()
    idle: tuple[IdleRule, ...] = ()
    notes: tuple[str, ...] = ()
