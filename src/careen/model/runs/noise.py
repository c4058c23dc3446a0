"""Noise patterns: regular expressions for differences that do not count.

They are matched against container output, which is hostile. RE2 matches in linear time, without
back-references and look-around.
"""

from collections.abc import Callable, Sequence

from careen.errors import InputError
from careen.model.runs.linear_pattern import linear_pattern

LONGEST = 1000
MOST = 100
STAND_IN = "<noise>"


def parse_noise(text: str) -> str:
    """Return a declared pattern unchanged.

    Raises InputError if RE2 rejects it, it is too long, or it matches the empty string.
    """
    if len(text) > LONGEST:
        msg = f"a regular expression of {len(text)} characters; at most {LONGEST} are taken"
        raise InputError(msg)
    compiled = linear_pattern(text)
    if compiled.search("") is not None:
        msg = (
            f"{text!r} matches an empty text, so it would match everywhere; write what has to be"
            " there"
        )
        raise InputError(msg)
    return text


def noise_remover(patterns: Sequence[str]) -> Callable[[str], str]:
    """Return a function that replaces each match of the patterns, in order, with `<noise>`.

    Raises InputError as `parse_noise` does, and for more than 100 patterns.
    """
    if len(patterns) > MOST:
        msg = (
            f"noise: {len(patterns)} regular expressions; at most {MOST} are taken, join some"
            " with |"
        )
        raise InputError(msg)
    try:
        compiled = [linear_pattern(parse_noise(pattern)) for pattern in patterns]
    except InputError as error:
        msg = f"noise: {error}"
        raise InputError(msg) from error

    def remove(text: str) -> str:
        if not compiled:
            return text
        text = text.encode("utf-8", "replace").decode()
        for pattern in compiled:
            text = pattern.sub(STAND_IN, text)
        return text

    return remove
