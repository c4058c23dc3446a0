"""The text of a source, with what several scanners search in it, found once."""

import re
from functools import cache, cached_property

_CHARACTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./"
_SEPARATED = bytes(char if char in _CHARACTERS else ord(" ") for char in range(256))
_RUN = re.compile(rb"[\w./]+")
_COMMENT = re.compile(rb"^[ \t]*(?:#|;|//)[^\n]*", re.MULTILINE)
_SHORTEST_PART = 5  # most sources have shorter ones, so a search for them rules out nothing


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


def without_comments(configuration: bytes) -> bytes:
    """Return a configuration without the lines that are comments."""
    return _COMMENT.sub(b"", configuration)


def of_bytes(data: bytes) -> Source:
    """Return a source as a `Source`."""
    return data if isinstance(data, Source) else Source(data)


def mentions(source: bytes, *texts: bytes) -> bool:
    """Return whether a source contains one of the texts."""
    if not isinstance(source, Source):
        return any(text in source for text in texts)
    words = source.vocabulary
    # A text that is a part of a word needs no search in the source. No generator: this is asked
    # fifteen times about each source.
    for part, members in _grouped(texts):
        if part in words:
            for run, text in members:
                if run in words and (run == text or source.find(text) >= 0):
                    return True
    return False


def may_mention(source: bytes, text: bytes) -> bool:
    """Return False if a source is known not to contain a text, without a search in all of it."""
    return not isinstance(source, Source) or _longest_run(text) in source.vocabulary


@cache
def _grouped(texts: tuple[bytes, ...]) -> tuple[tuple[bytes, tuple[tuple[bytes, bytes], ...]], ...]:
    """Return what the runs of some texts have in common, with each text and its longest run.

    One search for a rare part (`ibrary`) stands for several (`find_library`, `LoadLibrary`).
    """
    groups: list[tuple[bytes, tuple[tuple[bytes, bytes], ...]]] = []
    for text in texts:
        run = _longest_run(text)
        for number, (part, members) in enumerate(groups):
            if len(common := _common(part, run)) >= _SHORTEST_PART:
                groups[number] = common, (*members, (run, text))
                break
        else:
            groups.append((run, ((run, text),)))
    return tuple(groups)


def _common(first: bytes, second: bytes) -> bytes:
    """Return the longest part that two texts have in common."""
    return max(
        (
            first[start:end]
            for start in range(len(first))
            for end in range(start, len(first) + 1)
            if first[start:end] in second
        ),
        key=len,
        default=b"",
    )


@cache
def _longest_run(text: bytes) -> bytes:
    return max(_RUN.findall(text), key=len, default=b"")
