"""npm's version ranges, with node-semver's grammar and meaning (its README, "Ranges").

`tests/tool` compares them with node-semver.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from careen.formats.versions import UnreadableVersionError
from careen.formats.versions.semver import NPM

MAX_RANGE = 2000
_NUMBER = r"(?:x|X|\*|[0-9]{1,16})"
_PARTIAL = (
    rf"[v=\s]*+({_NUMBER})(?:\.({_NUMBER})"
    rf"(?:\.({_NUMBER})(?:-?([0-9A-Za-z.-]++))?(?:\+[0-9A-Za-z.-]++)?)?)?"
)
_HYPHEN = re.compile(rf"{_PARTIAL}\s++-\s++{_PARTIAL}\s*+\Z")
_WORD = re.compile(rf"(>=|<=|>|<|=|~>?|\^)?{_PARTIAL}\Z")
_SPACE = re.compile(r"(>=|<=|>|<|=|~>|~|\^)\s+")
_ALIAS = re.compile(r"npm:(?:@[^@/]+/)?[^@/]+(?:@(.*))?\Z", re.DOTALL)
_TAG = re.compile(r"[A-Za-z][\w.-]*\Z")


@dataclass(frozen=True, slots=True)
class _Bound:
    """One comparison: `operator` is >=, >, <, <= or =, `key` the version's sort key."""

    operator: str
    key: Any

    def holds(self, key: Any) -> bool:
        match self.operator:
            case ">=":
                return bool(key >= self.key)
            case ">":
                return bool(key > self.key)
            case "<":
                return bool(key < self.key)
            case "<=":
                return bool(key <= self.key)
            case _:
                return bool(key == self.key)


_Set = tuple[_Bound, ...]
_NOTHING: _Set = (_Bound("<", NPM.key("0.0.0-0")),)
_ANY: _Set = (_Bound(">=", NPM.key("0.0.0")),)


def is_range(spec: str) -> bool:
    """Return whether a dependency's specifier asks the registry for a version.

    That is a range, `npm:other@range` or a tag, not a URL, a path or a repository.
    """
    return _sets(spec) is not None or _TAG.match(_inner(spec)) is not None


def satisfies(version: str, spec: str) -> bool:
    """Return whether a version satisfies a dependency's specifier.

    A tag (`latest`) allows every version, an invalid range none.
    """
    sets = _sets(spec)
    if sets is None:
        return _TAG.match(_inner(spec)) is not None
    try:
        key = NPM.key(version)
    except UnreadableVersionError:
        return False
    return any(_in_set(key, each) for each in sets)


def _in_set(key: Any, bounds: _Set) -> bool:
    if not all(bound.holds(key) for bound in bounds):
        return False
    # A pre-release needs a bound that is a pre-release of the same version.
    return bool(key[1]) or any(not bound.key[1] and bound.key[0] == key[0] for bound in bounds)


def _inner(spec: str) -> str:
    text = spec.strip()
    alias = _ALIAS.match(text)
    return (alias[1] or "").strip() if alias else text.removeprefix("workspace:")


@lru_cache(16384)
def _sets(spec: str) -> tuple[_Set, ...] | None:
    text = _inner(spec)
    if len(text) > MAX_RANGE:
        return None
    out = []
    for part in text.split("||"):
        try:
            bounds = _set(part)
        except UnreadableVersionError:  # `1.2.3-a..b`: a pre-release that is none
            bounds = None
        if bounds is None:
            return None
        if not bounds or bounds == _ANY:
            # As in node-semver, `*` excludes pre-releases, whatever the other parts allow.
            return (bounds,)
        out.append(bounds)
    return tuple(out)


def _set(text: str) -> _Set | None:
    hyphen = _HYPHEN.match(text)
    if hyphen is not None:
        low, high = hyphen.groups()[:4], hyphen.groups()[4:]
        return (*_compared(">=", low), *_compared("<=", high))
    bounds: list[_Bound] = []
    for word in _SPACE.sub(r"\1", text).split():
        read = _WORD.match(word)
        if read is None:
            return None
        operator, partial = read[1] or "", read.groups()[1:]
        if operator in ("~", "~>"):
            bounds.extend(_tilde(partial))
        elif operator == "^":
            bounds.extend(_caret(partial))
        else:
            bounds.extend(_compared(operator, partial))
    return tuple(bounds)


_Partial = tuple[str | None, ...]


def _numbers(partial: _Partial) -> tuple[int, ...]:
    """Return the stated numbers, up to the first `x`."""
    out: list[int] = []
    for part in partial[:3]:
        if part is None or part in "xX*":
            break
        out.append(int(part))
    return tuple(out)


def _at(numbers: tuple[int, ...], pre: str = "") -> Any:
    padded = (*numbers, 0, 0, 0)[:3]
    return NPM.key(".".join(str(number) for number in padded) + (f"-{pre}" if pre else ""))


def _next(numbers: tuple[int, ...], position: int) -> _Bound:
    """Return the bound below the next version, with the number at `position` raised by one."""
    return _Bound("<", _at((*numbers[:position], numbers[position] + 1), "0"))


def _tilde(partial: _Partial) -> _Set:
    numbers = _numbers(partial)
    if not numbers:
        return ()
    pre = partial[3] or "" if len(numbers) == 3 else ""  # noqa: PLR2004 — major, minor and patch
    return (_Bound(">=", _at(numbers, pre)), _next(numbers, min(len(numbers), 2) - 1))


def _caret(partial: _Partial) -> _Set:
    numbers = _numbers(partial)
    if not numbers:
        return ()
    pre = partial[3] or "" if len(numbers) == 3 else ""  # noqa: PLR2004 — major, minor and patch
    position = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
    return (_Bound(">=", _at(numbers, pre)), _next(numbers, position))


def _compared(operator: str, partial: _Partial) -> _Set:
    numbers = _numbers(partial)
    if not numbers:
        return _NOTHING if operator in ("<", ">") else ()
    if len(numbers) == 3:  # noqa: PLR2004 — major, minor and patch
        return (_Bound(operator or "=", _at(numbers, partial[3] or "")),)
    last = len(numbers) - 1
    match operator:
        case ">":
            return (_Bound(">=", _at((*numbers[:last], numbers[last] + 1))),)
        case ">=":
            return (_Bound(">=", _at(numbers)),)
        case "<":
            return (_Bound("<", _at(numbers, "0")),)
        case "<=":
            return (_next(numbers, last),)
        case _:
            return (_Bound(">=", _at(numbers)), _next(numbers, last))
