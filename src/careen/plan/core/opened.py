"""Record of who opens which library, for rules with `opened`.

Mechanisms note each link or name that they see, whether or not the library is kept.
"""

from collections.abc import Callable, Iterable, Iterator

from careen.model.paths import ImagePath
from careen.plan.core.globs import any_of
from careen.plan.core.rules import Rule


class Opened:
    """Base names of the libraries for which rules wait, each with its first opener; only grows."""

    def __init__(
        self, rules: Iterable[Rule] = (), was_used: Callable[[ImagePath], bool] = lambda _: False
    ) -> None:
        """Wait for the rules; `was_used` says whether the profile saw a path used."""
        self._was_used = was_used
        self._waiting = [
            (
                rule.id,
                any_of(tuple(rule.when.opened)),
                any_of(tuple(rule.not_by)),
                any_of(tuple(rule.by_used)),
                tuple(text.encode() for text in rule.with_symbols),
            )
            for rule in rules
            if rule.when.opened
        ]
        self._by: dict[str, dict[str, ImagePath]] = {}

    def note(
        self,
        library: str,
        by: ImagePath,
        names_symbol: Callable[[tuple[bytes, ...]], bool] | None = None,
    ) -> None:
        """Record that the kept path `by` links or opens a library of this base name.

        `names_symbol` says whether a file that links it has a symbol with one of these parts.
        """
        for ident, wanted, apart, if_used, parts in self._waiting:
            if library in self._by.get(ident, ()):
                continue
            if not wanted.fullmatch(f"/{library}") or apart.fullmatch(by):
                continue
            if if_used.fullmatch(by) and not self._was_used(by):
                continue
            if parts and (names_symbol is None or not names_symbol(parts)):
                continue
            self._by.setdefault(ident, {})[library] = by

    def openers(self, rule: Rule, globs: Iterable[str]) -> Iterator[ImagePath]:
        """Yield one opener that the rule counts for each library that one of the globs names."""
        pattern = any_of(tuple(globs))
        yield from (
            by
            for library, by in sorted(self._by.get(rule.id, {}).items())
            if pattern.fullmatch(f"/{library}")
        )
