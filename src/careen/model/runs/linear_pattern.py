"""User-supplied regular expressions, matched against image text in linear time by RE2."""

from typing import Protocol

from careen.errors import InputError


class LinearPattern(Protocol):
    """The part of a compiled pattern that careen uses; the library has no types."""

    def search(self, text: str) -> object:
        """Return a match, or None."""

    def sub(self, repl: str, text: str) -> str:
        """Return `text` with each match replaced."""


def linear_pattern(text: str) -> LinearPattern:
    """Compile a regular expression without look-around and back-references.

    Raises InputError for any other.
    """
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False
    try:
        pattern: LinearPattern = re2.compile(text, options)
    except (re2.error, UnicodeEncodeError) as error:
        known = bool(error.args) and isinstance(error.args[0], bytes)
        said = error.args[0].decode("utf-8", "replace") if known else "not text"
        msg = (
            f"not a regular expression: {text!r}: {said} (RE2: no look-around, no back-references,"
            " \\w and \\d are ASCII)"
        )
        raise InputError(msg) from error
    return pattern
