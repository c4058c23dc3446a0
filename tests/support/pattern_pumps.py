r"""Texts that make a regular expression do much work, made from the expression itself.

A backtracking matcher takes more than linear time where a repetition can go on over text that its
own surroundings match, too: `cmd\w*=` over `cmdcmdcmd`, `(.*?)\s*\Z` over spaces. So for each
repetition a text is made of what stands before it and many times what it repeats, and of what
stands before it alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

POOL = "a0A_z \t\n\r.,;:-+/\\=\"'()[]{}<>#@*%$!&|?~^`é"
LARGE = 100
"""A repetition of at most so many times is a constant."""

_VARIANTS = 4
_UNITS = 12
_TAILS = ("", "\x01")


@dataclass(slots=True)
class Node:
    """A part of an expression: `chars` that one character may be, or parts in sequence or in
    turn.
    """

    kind: str  # one, sequence, either, repeat, nothing
    parts: list["Node"] = field(default_factory=list)
    chars: str = ""
    most: float = 1
    least: int = 1


class _Reader:
    """Reads the syntax of `re` as far as texts that match are to be made from it."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._text = pattern
        self._at = 0
        self._verbose = bool(flags & re.VERBOSE)
        self._groups: list[Node] = []
        self._names: dict[str, Node] = {}
        self._flags = flags & (re.IGNORECASE | re.ASCII)

    def read(self) -> Node:
        found = self._either()
        if self._at < len(self._text):
            msg = f"cannot read {self._text!r} from {self._at} on"
            raise ValueError(msg)
        return found

    def _either(self) -> Node:
        turns = [self._sequence()]
        while self._taken("|"):
            turns.append(self._sequence())
        return turns[0] if len(turns) == 1 else Node("either", turns)

    def _sequence(self) -> Node:
        out = Node("sequence")
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            if self._verbose and self._passed_over():
                continue
            out.parts.append(self._repeated(self._atom()))
        return out

    def _passed_over(self) -> bool:
        found = re.compile(r"\s+|#.*\n?").match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found is not None

    def _taken(self, text: str) -> bool:
        taken = self._text.startswith(text, self._at)
        self._at += len(text) * taken
        return taken

    def _repeated(self, node: Node) -> Node:
        while found := re.compile(r"([*+?]|\{(\d*)(,?)(\d*)\})[?+]?").match(self._text, self._at):
            sign, least, comma, most = found.groups()
            if sign == "{}" or (sign == "{,}" and not comma):
                break
            self._at = found.end()
            low = {"*": 0, "+": 1, "?": 0}.get(sign, int(least or 0))
            high = {"*": float("inf"), "+": float("inf"), "?": 1.0}.get(sign)
            if high is None:
                high = (float(most) if most else float("inf")) if comma else float(low)
            node = Node("repeat", [node], least=low, most=high)
        return node

    def _atom(self) -> Node:
        if self._taken("("):
            return self._group()
        if self._text[self._at] == "[":
            return self._class()
        if self._text[self._at] == "\\":
            return self._escape()
        char = self._text[self._at]
        self._at += 1
        if char in "^$":
            return Node("nothing")
        if char == ".":
            return Node("one", chars=POOL)
        return Node("one", chars=char)

    def _group(self) -> Node:
        name = ""
        if self._taken("?"):
            if self._taken("#"):
                self._at = self._text.index(")", self._at) + 1
                return Node("nothing")
            if found := re.compile(r"P=(\w+)\)").match(self._text, self._at):
                self._at = found.end()
                return self._names[found[1]]
            if found := re.compile(r"\((\w+)\)").match(self._text, self._at):
                self._at = found.end()
                return self._ended(self._either())
            found = re.compile(r"(?:P<(\w+)>|<?[=!]|[>:]|([aiLmsux]*)(-[imsx]+)?([:)]))").match(
                self._text, self._at
            )
            assert found is not None, self._text[self._at :]
            self._at = found.end()
            if found[4] == ")":
                self._verbose |= "x" in (found[2] or "")
                return Node("nothing")
            if not found[1]:
                inner = self._ended(self._either())
                return Node("nothing", [inner]) if found[0].endswith(("=", "!")) else inner
            name = found[1]
        place = Node("sequence")
        self._groups.append(place)
        if name:
            self._names[name] = place
        place.parts.append(self._ended(self._either()))
        return place

    def _ended(self, node: Node) -> Node:
        assert self._taken(")"), self._text[self._at :]
        return node

    def _class(self) -> Node:
        start = self._at
        self._at += 1
        self._taken("^")
        self._taken("]")
        while not self._taken("]"):
            self._at += 2 if self._text[self._at] == "\\" else 1
        return self._one(self._text[start : self._at])

    def _escape(self) -> Node:
        found = re.compile(
            r"\\(?:x..|u.{4}|U.{8}|N\{[^}]*\}|[1-9]\d?|0[0-7]{0,2}|.)", re.DOTALL
        ).match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        what = found[0]
        if what[1] in "AZbB":
            return Node("nothing")
        if what[1] in "123456789":
            return self._groups[int(what[1:]) - 1]
        return self._one(what)

    def _one(self, source: str) -> Node:
        one = re.compile(source, self._flags)
        wide = POOL + self._text + "".join(map(chr, range(1, 256)))
        return Node(
            "one", chars="".join(dict.fromkeys(char for char in wide if one.fullmatch(char)))
        )


def samples(node: Node, most: int = _VARIANTS, depth: int = 0) -> list[str]:
    """Return some texts that a part matches, the shortest of each way first."""
    match node.kind:
        case "one":
            return list(node.chars[:most])
        case "either":
            return _distinct(
                (each for part in node.parts for each in samples(part, 2, depth + 1)), most
            )
        case "repeat":
            once = samples(node.parts[0], most, depth + 1)
            least = [each * node.least for each in once]
            return _distinct(
                (*least[:1], *(each for each in once if node.least <= 1 <= node.most), *least), most
            )
        case "sequence":
            out = [""]
            for part in node.parts:
                out = (
                    _distinct((a + b for a in out for b in samples(part, 2, depth + 1)), most)
                    if part.kind != "nothing"
                    else out
                )
            return out
        case _:
            return [""]


def _distinct(texts: Iterator[str] | tuple[str, ...], most: int) -> list[str]:
    return list(dict.fromkeys(texts))[:most]


def _repetitions(node: Node, before: list[str]) -> Iterator[tuple[list[str], Node]]:
    """Yield each large repetition with texts that lead to it; of one with an end fewer."""
    match node.kind:
        case "either":
            for part in node.parts:
                yield from _repetitions(part, before)
        case "repeat":
            if node.most > LARGE:
                yield before if node.most == float("inf") else before[:1], node.parts[0]
            yield from _repetitions(node.parts[0], before)
        case "sequence":
            for part in node.parts:
                yield from _repetitions(part, before)
                if part.kind != "nothing":
                    before = _distinct((a + b for a in before for b in samples(part, 2)), _VARIANTS)
        case "nothing":
            for part in node.parts:
                yield from _repetitions(part, before)


def pumps(pattern: str, flags: int) -> Iterator[tuple[str, str, str]]:
    """Yield beginning, repeated part and end of texts for an expression; none for one without a
    large repetition.
    """
    root = _Reader(pattern, flags).read()
    literals = _literals(pattern)
    seen: dict[tuple[str, str], None] = {}
    for before, inner in _repetitions(root, [""]):
        units = samples(inner, _UNITS) + _relevant(inner, pattern) + literals
        for head in before:
            seen.update(dict.fromkeys((head, unit) for unit in units))
            seen.update(
                dict.fromkeys(("", unit) for unit in (head, *(head + unit for unit in units[:4])))
            )
    if seen:
        seen.update(dict.fromkeys(("", unit) for unit in (*" \t\na0./-", *literals)))
    for head, unit in seen:
        yield from ((head, unit, tail) for tail in _TAILS if unit)


def _relevant(node: Node, pattern: str) -> list[str]:
    """Return the characters that a part matches and the expression speaks of somewhere."""
    if node.kind == "repeat" or (node.kind == "sequence" and len(node.parts) == 1):
        return _relevant(node.parts[0], pattern)
    if node.kind == "either":
        return [char for part in node.parts for char in _relevant(part, pattern)][:_UNITS]
    return [
        char
        for char in node.chars
        if char in " \n" or (char in pattern and char not in "\\[](){}?*+|^")
    ][:_UNITS]


def _literals(pattern: str) -> list[str]:
    plain = re.sub(
        r"\\[A-Za-z0-9]|\[(?:\\.|[^\]])*\]|\(\?(?:P?<\w+>|[:=!]|<[=!])|\{[\d,]*\}|\\", " ", pattern
    )
    return _distinct(iter(re.findall(r"[A-Za-z0-9_@#!$%&=:/<>\"'-]{2,40}", plain)), 8)
