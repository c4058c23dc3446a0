"""What the user asked for."""

from dataclasses import dataclass

from careen.model.plan import Level
from careen.model.repair import Repair
from careen.plan.core.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Policy:
    """The level, the user's globs, the rules that apply, and the sha256 (hex) of the RBOM document
    that the plan rests on.

    `keep` and `remove` are globs as in globs.py; one that matches a directory stands for everything
    below it. `keep` wins over `remove`, and so do `repairs`: exact paths that verification failed
    without.
    """

    level: Level
    keep: tuple[str, ...]
    remove: tuple[str, ...]
    rules: RuleSet
    rbom_sha256: str
    repairs: tuple[Repair, ...] = ()
