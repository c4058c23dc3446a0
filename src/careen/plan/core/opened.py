"""Record of who opens which library, for rules with `opened`.

Mechanisms note each link or name that they see, whether or not the library is kept.
"""

from collections.abc import Iterable, Iterator

from careen.model.paths import ImagePath
from careen.plan.core.globs import any_of
from careen.plan.core.rules import Rule


class Opened:
    """Base names of the libraries for which rules wait, each with its first opener; only grows."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._waiting = [
            (rule.id, any_of(tuple(rule.when.opened)), any_of(tuple(rule.not_by)))
            for rule in rules
            if rule.when.opened
        ]
        self._by: dict[str, dict[str, ImagePath]] = {}

    def note(self, library: str, by: ImagePath) -> None:
        """Record that the kept path `by` links or opens a library of this base name."""
        for ident, wanted, apart in self._waiting:
            if wanted.fullmatch(f"/{library}") and not apart.fullmatch(by):
                self._by.setdefault(ident, {}).setdefault(library, by)

    def openers(self, rule: Rule, globs: Iterable[str]) -> Iterator[ImagePath]:
        """Yield one opener that the rule counts for each library that one of the globs names."""
        pattern = any_of(tuple(globs))
        yield from (
            by
            for library, by in sorted(self._by.get(rule.id, {}).items())
            if pattern.fullmatch(f"/{library}")
        )
