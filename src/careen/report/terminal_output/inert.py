"""Output that no CI platform takes for a command.

GitHub and Azure read commands from a job's log: a line that begins with `::`, or `##[` and `##vso[`
anywhere; TeamCity reads `##teamcity[`. Names of an image may hold any of them.
"""

import re
from typing import Any, TextIO

_ANYWHERE = re.compile(r"##(?=\[|vso\[|teamcity\[)", re.IGNORECASE)
_START = re.compile(r"(^|[\n\r])([^\S\n\r]*):(?=:)")


def inert(text: str) -> str:
    """Return lines of text with a space inside everything that could be a command."""
    return _START.sub(r"\1\2: ", _ANYWHERE.sub("# #", text))


class InertStream:
    """A text stream that writes whole lines, each of them inert.

    A text without the end of its line waits for it, or for `drain`.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting = ""

    def write(self, text: str) -> int:
        """Write the lines that have ended."""
        lines, newline, self._waiting = (self._waiting + text).rpartition("\n")
        self._stream.write(inert(lines + newline))
        return len(text)

    def drain(self) -> None:
        """Write what waits for the end of its line."""
        waiting, self._waiting = self._waiting, ""
        self._stream.write(inert(waiting))
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        """Return everything else from the stream itself."""
        return getattr(self._stream, name)
