"""Line numbers of the keys and array elements of a TOML document, for error messages.

`tomllib` keeps no positions. The scanner reads documents that `tomllib` has accepted, so it only
finds where values end and does not validate them.
"""

import bisect
import contextlib
import re
from collections.abc import Mapping

Place = tuple[str | int, ...]

DEEPEST = 8  # no setting is nested deeper; longer places only cost memory

_SPACE = " \t"
_BLANK = " \t\r\n"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(["\\bfnrt]))')
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_SCALAR_END = re.compile(r"[,\]}#\r\n]")


def find_lines(text: str) -> Mapping[Place, int]:
    """Map each place (`("workload", "serve", "test", 1)`) to its line, from 1.

    Places nested too deep for the scanner are missing; their parents are not. Text that is not TOML
    gives the places before the mistake.
    """
    scanner = _Scanner(text)
    # Nested too deep for the scanner: keep what was found so far.
    with contextlib.suppress(IndexError, RecursionError):
        scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Place, int] = {}
        self._newlines = [i for i, char in enumerate(text) if char == "\n"]
        self._counts: dict[Place, int] = {}

    def document(self) -> None:
        table: Place = ()
        while self._skip(_BLANK):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _note(self, place: Place, at: int) -> None:
        line = bisect.bisect_left(self._newlines, at) + 1
        for length in range(1, min(len(place), DEEPEST) + 1):
            self.lines.setdefault(place[:length], line)

    def _skip(self, blanks: str) -> bool:
        """Skip blanks and comments; return False at the end of the text."""
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in blanks:
                self.at += 1
            else:
                return True
        return False

    def _header(self) -> Place:
        start = self.at
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        place = self._placed(self._key())
        self.at += 2 if array else 1
        if array:
            number = self._counts.get(place, 0)
            self._counts[place] = number + 1
            self._note(place, start)
            place = (*place, number)
        self._note(place, start)
        return place

    def _placed(self, keys: tuple[str, ...]) -> Place:
        """Return the place of a header; the name of an array of tables means its last element."""
        place: Place = ()
        for i, key in enumerate(keys):
            place = (*place, key)
            if place in self._counts and i < len(keys) - 1:
                place = (*place, self._counts[place] - 1)
        return place

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            parts.append(self._key_part())
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def _key_part(self) -> str:
        quote = self.text[self.at]
        if quote in "\"'":
            start = self.at + 1
            self._string()
            raw = self.text[start : self.at - 1]
            return raw if quote == "'" else _ESCAPE.sub(_unescape, raw)
        match = _BARE_KEY.match(self.text, self.at)
        if match is None:
            raise IndexError
        self.at = match.end()
        return match.group()

    def _pair(self, table: Place) -> None:
        start = self.at
        place = (*table, *self._key())
        self._note(place, start)
        self.at += 1  # =
        self._value(place)

    def _value(self, place: Place) -> None:
        self._skip(_SPACE)
        char = self.text[self.at]
        if char in "\"'":
            self._string()
        elif char == "[":
            self._array(place)
        elif char == "{":
            self._inline_table(place)
        else:
            match = _SCALAR_END.search(self.text, self.at)
            self.at = match.start() if match else len(self.text)

    def _array(self, place: Place) -> None:
        self.at += 1
        number = 0
        while self._skip(_BLANK) and self.text[self.at] != "]":
            self._note((*place, number), self.at)
            self._value((*place, number))
            number += 1
            self._skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
            elif self.text[self.at] != "]":
                # Not TOML, as in `[}`. The next value would start at the same character, for ever.
                raise IndexError
        self.at += 1

    def _inline_table(self, place: Place) -> None:
        self.at += 1
        while self._skip(_BLANK) and self.text[self.at] != "}":
            self._pair(place)
            self._skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
        self.at += 1

    def _string(self) -> None:
        quote = self.text[self.at]
        triple = quote * 3
        mark = triple if self.text.startswith(triple, self.at) else quote
        self.at += len(mark)
        while not self.text.startswith(mark, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
            if self.at >= len(self.text):
                raise IndexError
        self.at += len(mark)
        if mark == triple:  # up to two more quotes belong to the text of a multi-line string
            extra = 0
            while extra < len(mark) - 1 and self.text.startswith(quote, self.at):
                self.at += 1
                extra += 1


def _unescape(match: re.Match[str]) -> str:
    number = match.group(1) or match.group(2)
    return chr(int(number, 16)) if number else _ESCAPED[match.group(3)]
