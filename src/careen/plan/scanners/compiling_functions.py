"""Functions of a Python source that hand code to torch's compiler, by the calls in their bodies.

Bodies are found by indentation: a text in an image may be anything, and a parser may not end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HANDS_OVER = re.compile(
    rb"(?<![\w.])torch\.compile\b|(?<![\w.])torch\._dynamo\.optimize\(|(?<!re)\.compile\((?:\)|\*|fullgraph|dynamic=|backend=|mode=|options=)"
    rb"|(?<!\w)cpp_extension\.load\w{0,7}\(|(?<!\w)load_inline\("
)
_SIGNS = (
    b"torch.compile",
    b".compile(",
    b"_dynamo.optimize(",
    b"cpp_extension.load",
    b"load_inline(",
)
_OPENS = re.compile(
    rb"(async[ \t]+def|def|class|if|elif|else|while)(?![\w])[ \t]*([A-Za-z_]\w{0,99})?"
)
_DECORATES = re.compile(rb"@torch\.compile\b")
_CALLED = re.compile(rb"([A-Za-z_](?<!\w[A-Za-z_])\w{0,99}+)\(")
_SPEAKS = re.compile(rb"compil|dynamo|inductor|jit", re.IGNORECASE)
_QUOTES = (b'"""', b"'''")
_MAX_DEPTH = 100
_MAX_LINE = 2000


def hands_over(source: bytes) -> bool:
    """Return whether a source hands code to a compiler, docstrings and comments included."""
    return any(sign in source for sign in _SIGNS) and _HANDS_OVER.search(source) is not None


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method, and the names that its body calls.

    `compiles`: it hands code to a compiler itself. `gated`: only under a condition that mentions
    compiling.
    """

    name: str
    calls: frozenset[str]
    compiles: bool
    gated: bool


@dataclass(slots=True)
class _Open:
    indent: int
    name: str
    speaks: bool
    calls: set[str]
    compiles: bool = False
    gated: bool = True


def functions(source: bytes) -> Iterator[Function]:
    """Yield the functions of a source that call something, inner ones before outer ones.

    Docstrings and comments do not count.
    """
    stack: list[_Open] = []
    decorated = False
    for line in _code(source):
        stripped = line.lstrip(b" \t")
        if not stripped or stripped.startswith((b"#", b")", b"]", b"}")):
            continue
        indent = len(line) - len(stripped)
        while stack and stack[-1].indent >= indent:
            yield from _closed(stack)
        if stripped.startswith(b"@"):
            decorated = decorated or _DECORATES.match(stripped) is not None
            continue
        opens = _OPENS.match(stripped)
        body = stripped
        if opens is not None and len(stack) < _MAX_DEPTH:
            word = opens.group(1).rpartition(b" ")[2]
            name = (opens.group(2) or b"").decode("utf-8", "replace") if word == b"def" else ""
            stack.append(
                _Open(
                    indent,
                    name,
                    not name and _SPEAKS.search(stripped) is not None,
                    set(),
                    compiles=bool(name) and decorated,
                    gated=not decorated,
                )
            )
            decorated = False
            if name or word == b"class":
                continue
        _note(stack, body)
    while stack:
        yield from _closed(stack)


def _note(stack: list[_Open], body: bytes) -> None:
    called = {item.decode("utf-8", "replace") for item in _CALLED.findall(body)}
    compiles = hands_over(body)
    gated = False
    for block in reversed(stack):
        gated = gated or block.speaks
        if block.name:
            block.calls |= called
            block.compiles = block.compiles or compiles
            block.gated = block.gated and (gated or not compiles)


def _closed(stack: list[_Open]) -> Iterator[Function]:
    block = stack.pop()
    if block.name and (block.calls or block.compiles):
        yield Function(
            block.name, frozenset(block.calls), block.compiles, block.compiles and block.gated
        )


def _code(source: bytes) -> Iterator[bytes]:
    """Yield the lines of a source without texts in triple quotes."""
    inside = b""
    for full in source.splitlines():
        line = full[:_MAX_LINE]
        kept = b"" if inside else line
        at = 0
        while at >= 0:
            if inside:
                end = line.find(inside, at)
                if end < 0:
                    break
                at, inside = end + 3, b""
            else:
                starts = [
                    (found, quote) for quote in _QUOTES if (found := line.find(quote, at)) >= 0
                ]
                if not starts:
                    break
                begin, inside = min(starts)
                kept, at = line[:begin], begin + 3
        yield kept
