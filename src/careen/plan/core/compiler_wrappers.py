"""Table of the ways to have a library compile at run time: `compiler_wrappers.toml`."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

KINDS = ("torch", "extension", "c")
_ALIAS = re.compile(
    rb"^[ \t]*import[ \t]+torch[ \t]+as[ \t]+(\w{1,60})|^[ \t]*(from[ \t]+torch"
    rb"[ \t]+import\b)[^\n]{0,400}\bcompile\b",
    re.MULTILINE,
)
_OF_A_MODULE = re.compile(
    rb"([A-Za-z_]\w{0,60}|[)\]])\.compile\(\s{0,80}(\)|\*|(?:fullgraph|dynamic|backend|mode|options|disable)"
    rb"[ \t]*=)"
)
_PATTERNS = frozenset({b"re", b"regex", b"re2", b"_re", b"sre_compile", b"ast", b"builtins"})
_RIVALS = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+(?:langgraph|dspy|sqlalchemy|jax)\b", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A row of the table: names and keywords that have `library` compile.

    `kind` is one of KINDS. `gpu`: only a build for a GPU compiles.
    """

    library: str
    kind: str
    names: tuple[str, ...]
    keywords: tuple[str, ...]
    gpu: bool


@cache
def load_wrappers() -> tuple[Wrapper, ...]:
    """Return the rows of the table; the file is read once."""
    file = resources.files("careen.plan.core").joinpath("compiler_wrappers.toml")
    rows = tomllib.loads(file.read_text("utf-8"))["wrapper"]
    return tuple(
        Wrapper(
            row["library"],
            row["kind"],
            tuple(row["names"]),
            tuple(row.get("keywords", ())),
            row.get("gpu", False),
        )
        for row in rows
    )


def asked(text: bytes, wrappers: Iterable[Wrapper]) -> Iterator[tuple[str, str]]:
    """Yield the kind of each compiler that a text asks for, with the word that asks."""
    folded = folded_text(text)
    for wrapper in wrappers:
        for name in wrapper.names:
            if _has(folded, name, rb"(?<!\w)%s(?!\w)"):
                yield wrapper.kind, name
        for word in wrapper.keywords:
            if _has(folded, word, rb"(?:^|[(,{\s\"'])(?:__)?%s[\"']?[ \t]*[=:](?!=)"):
                yield wrapper.kind, word
            elif f"--{word}".encode() in text:
                yield wrapper.kind, f"--{word}"


def folded_text(text: bytes) -> bytes:
    """Return a text in lower case with `_` in place of `-`."""
    # An option, a variable and a key of the same name become one word.
    return text.lower().replace(b"-", b"_")


def _has(folded: bytes, word: str, pattern: bytes) -> bool:
    wanted = folded_text(word.encode())
    return (
        wanted in folded
        and re.search(pattern % re.escape(wanted), folded, re.MULTILINE) is not None
    )


def compiles_by_torch(source: bytes) -> str | None:
    """Return how a source has torch compile by another name, or None.

    Finds torch's own function under an alias, and a call `x.compile()` that has no arguments or
    begins with a keyword of torch.compile.
    """
    if b"compile" not in source:
        return None
    for alias, imported in _ALIAS.findall(source):
        if imported or alias + b".compile(" in source:
            return "torch.compile"
    rival = _RIVALS.search(source) is not None
    for receiver, first in _OF_A_MODULE.findall(source):
        if receiver not in _PATTERNS and not (rival and first in (b")", b"*")):
            return ".compile()"
    return None


def of_the_image(
    wrappers: Iterable[Wrapper], installed: Callable[[str], bool], *, gpu: bool
) -> tuple[Wrapper, ...]:
    """Return the rows whose library is installed; those with `gpu` only for a GPU build."""
    return tuple(item for item in wrappers if (gpu or not item.gpu) and installed(item.library))
