"""The rules and mechanisms by which plans are made, as they are listed, and what each did in some
plans.
"""

import enum
from dataclasses import dataclass


class RuleKind(enum.Enum):
    """`MECHANISM`: code that follows what is kept to what that needs. `RULE`: a table of a rule
    file.
    """

    MECHANISM = "mechanism"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Clause:
    """One key of a rule: its name in a rule file, what it means before its items ("keeps", "not:
    executed"), and the items.
    """

    key: str
    words: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule or mechanism. `origin` is the rule file's name (a path, if it is the user's), or
    "closure" for a mechanism; `what` says in a sentence what a mechanism does, and is empty for a
    rule, whose `does`, `when` and `unless` say it. For `when` every clause must hold, one item of
    it is enough; any item of `unless` excuses. `levels` are those at which it counts, the narrowest
    first, and `codes` those of the reasons that it gives in a plan.
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
    """What one rule or mechanism did in one plan: paths that are kept or removed for its reason and
    no other, and the bytes of regular files among them (None: sizes are not at hand). `held` says
    whether its conditions held (None: the plan does not say).
    """

    held: bool | None
    kept_paths: int
    removed_paths: int
    kept_bytes: int | None
    removed_bytes: int | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with what it did in each plan, in the order of the plans."""

    rule: RuleText
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class IdleRule:
    """A rule or mechanism that kept and removed nothing in any of the plans, and why that may
    be.
    """

    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`rows` in the order of mechanisms and files; `plans` the files that were looked at; `idle`
    those that did nothing in any of them (empty without plans); `notes` what else is to be known.
    """

    rows: tuple[RuleRow, ...]
    plans: tuple[str, ...] = ()
    idle: tuple[IdleRule, ...] = ()
    notes: tuple[str, ...] = ()
