"""The text of a source, with what several scanners search in it, found once."""

import re
from functools import cache, cached_property

_CHARACTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./"
_SEPARATED = bytes(char if char in _CHARACTERS else ord(" ") for char in range(256))
_RUN = re.compile(rb"[\w./]+")


class Source(bytes):
    """A source, with its distinct words and literals; both are found at their first use."""

    # A search in the distinct words takes a fifth of one in the whole text.

    @cached_property
    def runs(self) -> frozenset[bytes]:
        """The distinct longest runs of letters, digits, `_`, `.` and `/`."""
        return frozenset(self.translate(_SEPARATED).split())

    @cached_property
    def vocabulary(self) -> bytes:
        """The distinct runs, with spaces between them."""
        return b" ".join(self.runs)

    @cached_property
    def quoted(self) -> frozenset[bytes]:
        """The distinct texts from a quote to the next one, or to the end; also between literals."""
        return frozenset(self.replace(b"'", b'"').split(b'"')[1:])

    @cached_property
    def literals(self) -> bytes:
        """The distinct quoted texts, each between `"`; none of them has one."""
        return b'"%b"' % b'"'.join(self.quoted)


def of_bytes(data: bytes) -> Source:
    """Return a source as a `Source`."""
    return data if isinstance(data, Source) else Source(data)


def mentions(source: bytes, *texts: bytes) -> bool:
    """Return whether a source contains one of the texts."""
    if not isinstance(source, Source):
        return any(text in source for text in texts)
    words = source.vocabulary
    # A text that is a part of a word needs no search in the source.
    return any(
        run in words and (run == text or source.find(text) >= 0) for run, text in _with_runs(texts)
    )


def may_mention(source: bytes, text: bytes) -> bool:
    """Return False if a source is known not to contain a text, without a search in all of it."""
    return not isinstance(source, Source) or _longest_run(text) in source.vocabulary


@cache
def _with_runs(texts: tuple[bytes, ...]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((_longest_run(text), text) for text in texts)


@cache
def _longest_run(text: bytes) -> bytes:
    return max(_RUN.findall(text), key=len, default=b"")
