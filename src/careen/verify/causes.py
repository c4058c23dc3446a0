"""Removed paths that explain a difference.

They are named by the answer or error, or the container looked for them at that time.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from careen.model.paths import ImagePath, name
from careen.model.runs.trace import Use
from careen.model.runs.vain import FailedLookup
from careen.oci.tree.rootfs import Rootfs

MOST = 5
_CONSIDERED = 2000  # look-ups of one container
_SAID = 1 << 16  # characters of an answer
_WORDS = 2000
_NAMESAKES = 8
# calls of `fit` per container; each one reads an answer
_ASKED = 500
_TICK = 0.001  # seconds: look-ups are timed to the millisecond, rounded down
# seconds; a look-up of a try may come after its answer was sent
_EARLY, _LATE = 0.05, 0.25
_WORD = re.compile(r"/?[\w.+@-]{1,255}(?:/[\w.+@-]{1,255}){0,40}")
_MODULE = re.compile(r"(?:No module named '?|from ')([A-Za-z_][\w.]{0,200})")
# Uses beyond a test for existence.
_WANTED = frozenset({Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.LISTED})
_RANK = {use: rank for rank, use in enumerate(Use)}

Window = tuple[float, float]


def window(begun: float | None, seconds: float) -> Window | None:
    """Return the time span of a try, or None if it is unknown."""
    return (begun, begun + seconds) if begun else None


class Removed:
    """Paths that the original has and the result lost, indexed by names in messages."""

    __slots__ = ("_named", "_original", "_result")

    def __init__(self, original: Rootfs, result: Rootfs) -> None:
        self._original, self._result = original, result
        self._named: dict[str, list[ImagePath]] | None = None

    def named_in(self, said: str) -> tuple[ImagePath, ...]:
        """Return the removed paths that a text names.

        That is by the whole path, as a missing Python module, or by a file name with a suffix.
        """
        return tuple(dict.fromkeys(self._named_in(said[:_SAID]))) if said else ()

    def _named_in(self, said: str) -> Iterator[ImagePath]:
        words = _words_of(said)
        for word in words:
            if (
                word.startswith("/")
                and (walked := self._original.walk(word)).final is not None
                and self._result.walk(word).final is None
            ):
                yield walked.end
        for match in _MODULE.finditer(said):
            yield from self._module(match.group(1).strip("."))
        for word in words:
            last = word.rpartition("/")[2]
            if "." in last.strip("."):
                yield from self._by_name().get(last, ())

    def _module(self, dotted: str) -> Iterator[ImagePath]:
        """Yield the removed files of a module, nearest to the root first."""
        *above, last = dotted.split(".")
        inside = "".join(f"/{part}" for part in above)
        for path in (*self._by_name().get(f"{last}.py", ()), *self._by_name().get(last, ())):
            # A file of the same name elsewhere is another module.
            if path.endswith((f"{inside}/{last}.py", f"{inside}/{last}")):
                yield path

    def _by_name(self) -> dict[str, list[ImagePath]]:
        """Return the removed paths by last name.

        Packages go by their directory's name, compiled modules also by their stem.
        """
        if self._named is None:
            found: dict[str, list[ImagePath]] = {}
            for entry in self._original:
                if entry.path not in self._result:
                    last = name(entry.path)
                    for key in {last, last.partition(".")[0]} if last.endswith(".so") else (last,):
                        found.setdefault(key, []).append(entry.path)
            # A name of many files says nothing.
            self._named = {
                key: sorted(paths, key=len)
                for key, paths in found.items()
                if len(paths) <= _NAMESAKES
            }
        return self._named


class Causes:
    """Failed look-ups of one container, most relevant first."""

    __slots__ = ("_asked", "_lookups", "_removed")

    def __init__(self, lookups: Sequence[FailedLookup], removed: Removed) -> None:
        self._lookups = lookups[:_CONSIDERED]
        self._removed = removed
        self._asked = 0

    def during(self, when: Window | None) -> bool:
        """Return whether a failed look-up first happened in that time."""
        return bool(self._timely(when))

    def named(self, said: str) -> tuple[ImagePath, ...]:
        """Return at most five removed paths that a text names."""
        return self._removed.named_in(said)[:MOST]

    def fit(
        self,
        when: Window | None = None,
        said: Iterable[str] = (),
        otherwise: tuple[ImagePath, ...] = (),
    ) -> tuple[ImagePath, ...]:
        """Return at most five removed paths that explain a difference.

        First those named in `said` (answers, errors), then those first looked for in `when`:
        executions, mappings, opens, look-ups. Without any it is `otherwise`, or else what the
        container tried to use at any time. Returns () after 500 calls.
        """
        self._asked += 1
        if self._asked > _ASKED:
            return ()
        named = [path for text in said for path in self._removed.named_in(text)]
        timely = self._timely(when)
        if otherwise and not timely and not named:
            return otherwise
        looked = (
            timely
            if timely or named
            else [lookup for lookup in self._lookups if lookup.use in _WANTED]
        )
        looked.sort(key=lambda lookup: _RANK[lookup.use])
        return tuple(dict.fromkeys((*named, *(lookup.path for lookup in looked))))[:MOST]

    def _timely(self, when: Window | None) -> list[FailedLookup]:
        """Return what was first looked for in that time, else in a slightly wider one."""
        if when is None:
            return []
        # Tries may follow each other within milliseconds, so the widest window comes last.
        begun, ended = when
        return (
            self._between(begun, ended)
            or self._between(begun - _TICK, ended)
            or self._between(begun - _EARLY, ended + _LATE)
        )

    def _between(self, begun: float, ended: float) -> list[FailedLookup]:
        return [
            lookup
            for lookup in self._lookups
            if lookup.first is not None and begun <= lookup.first <= ended
        ]


def _words_of(said: str) -> list[str]:
    """Return the distinct words that may be paths or names, without a final full stop."""
    out: dict[str, None] = {}
    for match in _WORD.finditer(said):
        out[match.group().rstrip(".-")] = None
        if len(out) >= _WORDS:
            break
    return list(out)
