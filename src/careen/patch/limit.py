"""The user's limits for versions of a package: `<2`, `<=1.9`, `<2, !=1.26.9`."""

import re
from dataclasses import dataclass

from careen.errors import InputError
from careen.formats.versions import UnreadableVersionError, VersionScheme

MAX_PARTS = 16
_PART = re.compile(r"(<=|<|!=)?\s*([^\s,<>=!~][^\s,<>=~]{0,255})\Z")


@dataclass(frozen=True, slots=True)
class Limit:
    """Operators and versions that must all hold, in the order of the package's ecosystem."""

    parts: tuple[tuple[str, str], ...]

    def admits(self, version: str, scheme: VersionScheme) -> bool:
        """Return whether a version is within the limit; one that the scheme cannot read is not."""
        return all(_holds(operator, version, bound, scheme) for operator, bound in self.parts)

    def check(self, scheme: VersionScheme) -> None:
        """Raise UnreadableVersionError if the scheme cannot read a bound."""
        for _, bound in self.parts:
            scheme.key(bound)


def parse_limit(text: str) -> Limit:
    """Parse a limit: `<V`, `<=V` or `V` (the same), `!=V`, separated by commas.

    "" admits every version. Raises InputError.
    """
    words = [word.strip() for word in text.split(",")] if text.strip() else []
    if len(words) > MAX_PARTS:
        msg = f"at most {MAX_PARTS} bounds make one limit, got {len(words)}"
        raise InputError(msg)
    return Limit(tuple(_part(word, text) for word in words))


def _part(word: str, text: str) -> tuple[str, str]:
    read = _PART.match(word)
    if read is None:
        msg = f"not a limit of versions: {text[:80]!r}; expected '<2', '<=1.9' or '<2, !=1.26.9'"
        raise InputError(msg)
    return read[1] or "<=", read[2]


def _holds(operator: str, version: str, bound: str, scheme: VersionScheme) -> bool:
    try:
        place = scheme.place(version, bound)
    except UnreadableVersionError:
        return False
    match operator:
        case "<":
            return place < 0
        case "<=":
            return place <= 0
        case _:
            return place != 0
