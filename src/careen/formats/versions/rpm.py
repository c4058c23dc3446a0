"""Versions of rpm packages, `[epoch:]version[-release]`, in rpm's order (rpm-version(7)).

Segments of digits and of letters compare one by one, a number above a word. `~` sorts before the
end of a version, `^` after the end but before anything else. A missing epoch is 0.
"""

import re

from careen.formats.versions.scheme import VersionScheme

_SEGMENT = re.compile(r"[0-9]+|[a-zA-Z]+|~|\^")
_EVR = re.compile(r"(?:([0-9]*):)?([^:]*?)(?:-([^-:]+))?")

_TILDE, _END, _CARET, _WORD, _NUMBER = range(-1, 4)


def parse(
    version: str,
) -> tuple[int, tuple[tuple[int, int, str], ...], tuple[tuple[int, int, str], ...]]:
    """Return epoch, version and release (after the last `-`) as a value that sorts as rpm does."""
    read = _EVR.fullmatch(version)
    if read is None or not read[2]:
        message = f"not epoch:version-release: {version!r}"
        raise ValueError(message)
    return int(read[1] or 0), segments(read[2]), segments(read[3] or "")


def segments(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a version or release as a value that sorts as `rpmvercmp` does."""
    out: list[tuple[int, int, str]] = []
    for segment in _SEGMENT.findall(text):
        if segment == "~":
            out.append((_TILDE, 0, ""))
        elif segment == "^":
            out.append((_CARET, 0, ""))
        elif segment[0] <= "9":
            out.append((_NUMBER, int(segment), ""))
        else:
            out.append((_WORD, 0, segment))
    out.append((_END, 0, ""))
    return tuple(out)


RPM = VersionScheme("rpm", parse)
