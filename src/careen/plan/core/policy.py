"""The user's choices for a plan."""

from dataclasses import dataclass, field

from careen.model.catalog.terms import Terms
from careen.model.plan import Level
from careen.model.repair import Repair
from careen.model.runs.drift import Missed
from careen.plan.core.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Policy:
    """The level, the user's globs, the rules, the repairs, and the RBOM of a plan.

    `keep` and `remove` are globs as in globs.py; one that matches a directory stands for everything
    below it. `keep` and `repairs` win over `remove`. `remove_unneeded` are globs of paths that go
    unless they were used or a kept file needs them. `repairs` are exact paths that verification
    failed without, `missed` those that a running container used. `terms` are paths that a contract
    demands or forbids. `rbom_sha256` (hex) is of the RBOM document.
    """

    level: Level
    keep: tuple[str, ...]
    remove: tuple[str, ...]
    rules: RuleSet
    rbom_sha256: str
    repairs: tuple[Repair, ...] = ()
    missed: tuple[Missed, ...] = ()
    terms: Terms = field(default_factory=Terms)
    remove_unneeded: tuple[str, ...] = ()
