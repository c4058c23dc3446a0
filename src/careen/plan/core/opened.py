"""Who opens which library: what rules with `opened` ask. Mechanisms that see a link or a name note
it, whatever becomes of the library itself.
"""

from collections.abc import Iterable, Iterator

from careen.model.paths import ImagePath
from careen.plan.core.globs import any_of
from careen.plan.core.rules import Rule


class Opened:
    """Notes the base names of the libraries for which rules wait, each with the first that opens
    it. Only grows, as what is kept does.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._waiting = [
            (rule.id, any_of(tuple(rule.when.opened)), any_of(tuple(rule.not_by)))
            for rule in rules
            if rule.when.opened
        ]
        self._by: dict[str, dict[str, ImagePath]] = {}

    def note(self, library: str, by: ImagePath) -> None:
        """Remember that `by`, which is kept, is linked with a library of this base name or opens it
        by name.
        """
        for ident, wanted, apart in self._waiting:
            if wanted.fullmatch(f"/{library}") and not apart.fullmatch(by):
                self._by.setdefault(ident, {}).setdefault(library, by)

    def openers(self, rule: Rule, globs: Iterable[str]) -> Iterator[ImagePath]:
        """Yield who opens a library that one of the globs names, so far as the rule counts them:
        one path for each library.
        """
        pattern = any_of(tuple(globs))
        yield from (
            by
            for library, by in sorted(self._by.get(rule.id, {}).items())
            if pattern.fullmatch(f"/{library}")
        )
