"""What libraries offer that hands code to torch's compiler, and the application uses.

The application calls it, passes an argument of that name, or names it in its configuration. The
names come from the libraries' own sources, so a wrapper needs no entry in a table.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from careen.model.paths import ImagePath
from careen.plan.scanners.compiling_functions import functions, hands_over
from careen.plan.scanners.imports import imported

MIN_NAME = 8
_WORD = re.compile(rb"[A-Za-z_]\w{0,99}")
_CALL = re.compile(rb"([A-Za-z_](?<!\w[A-Za-z_])\w{0,99}+)\(")
_DEFINED = re.compile(rb"(?<!\w)(?:def|class)[ \t]{1,20}([A-Za-z_]\w{0,99})")
_SPEAKS = re.compile(r"compil|dynamo(?!db)|inductor", re.IGNORECASE)
_PLAIN = re.compile(
    r"_*compil(?:e|ed|er|ers|es|ing|ation)_*|_*dynamo_*|_*inductor_*", re.IGNORECASE
)
_ASKS_ABOUT = re.compile(
    r"\A_*(?:is|has|can|supports?|not|no|un|skip|from|de)_?(?=[a-z])|disable|available|compil(?:e?able|ing)|(?:un|pre|de|re_?|non_?)compil",
    re.IGNORECASE,
)
_OF_TORCH = re.compile(
    rb"torch\.compile|torch_compile|torch\._dynamo|dynamo_backend|inductor|torch\._inductor"
)
_AROUND = 60
_BEFORE = re.compile(rb"(?:\A|[(,{\n])[ \t]*\Z|[\"'](?:--)?\Z|\bclass[ \t]+\Z")
_AFTER = re.compile(rb"[\"']?[ \t]*(?:[:=,)(\]}]|\Z)")
_AT_A_CALL = re.compile(rb"\bdef[ \t]+\Z")


def speaking_words(text: bytes) -> frozenset[str]:
    """Return the identifiers of a text that speak of compiling (`torch_compile`), `-` as `_`.

    Plain words (`compile`) and names that ask whether something is compiled do not count.
    """
    found = {
        item.group().decode()
        for part in (text, text.replace(b"--", b" ").replace(b"-", b"_"))
        for item in _WORD.finditer(part)
    }
    return frozenset(
        item
        for item in found
        if _SPEAKS.search(item)
        and not _PLAIN.fullmatch(item)
        and not _ASKS_ABOUT.search(item)
        and len(item) >= MIN_NAME
    )


def called_names(source: bytes) -> frozenset[str]:
    """Return the names of several words that a source calls and does not define."""
    own = set(_DEFINED.findall(source))
    return frozenset(
        item.decode() for item in set(_CALL.findall(source)) - own if _is_distinct(item.decode())
    )


def _is_distinct(name: str) -> bool:
    return len(name) >= MIN_NAME and "_" in name.strip("_") and not name.startswith("_")


def asked_of_libraries(
    source: bytes, settings: bytes, libraries: Iterable[tuple[ImagePath, str, bytes]]
) -> Iterator[tuple[str, ImagePath]]:
    """Yield what source and settings ask for, each with the library's file that offers it.

    `libraries` are paths of sources, each with its top-level module and its text.
    """
    words = speaking_words(source) | speaking_words(settings)
    calls = called_names(source)
    if not words and not calls:
        return
    modules = imported(source)
    offered: dict[str, ImagePath] = {}
    for path, module, text in libraries:
        if b"torch" not in text:
            continue
        if words and _OF_TORCH.search(text):
            yield from (
                (word, path)
                for word in sorted(words & speaking_words(text))
                if _accepts(word.encode(), text)
            )
        if (words or module in modules) and hands_over(text):
            for name in _handing_over(text):
                if name in words or (name in calls and module in modules):
                    offered.setdefault(name, path)
    yield from sorted(offered.items())


def _accepts(word: bytes, text: bytes) -> bool:
    """Return whether a source has a word as a parameter, field, key, option or class."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        before = text[max(0, at - _AROUND) : at]
        if _BEFORE.search(before) and _AFTER.match(text, end) and not _AT_A_CALL.search(before):
            return True
        at = text.find(word, end)
    return False


def _handing_over(text: bytes) -> AbstractSet[str]:
    """Return the functions that hand code to the compiler, and those that call one of them.

    One that does so only under a condition that speaks of compiling needs such a name, too.
    """
    every = list(functions(text))
    # The application asks for the others by the word of their condition.
    found = {
        item.name
        for item in every
        if item.compiles and (not item.gated or _SPEAKS.search(item.name))
    }
    distinct = {name for name in found if _is_distinct(name.strip("_"))}
    return {
        name
        for name in (*found, *(item.name for item in every if distinct & item.calls))
        if _is_distinct(name)
    }
