"""What the planning of Python's modules asks of a source, found once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from careen.plan.scanners.chosen_modules import composed
from careen.plan.scanners.imports import (
    IMPORTERS,
    beginnings,
    dotted_literals,
    imported,
    run_as_modules,
)
from careen.plan.scanners.source import Source, mentions
from careen.plan.scanners.suite_names import named_suites, searched_suites

_DOTTED = re.compile(rb"\"([A-Za-z_]\w{0,63}(?:\.\w{1,64}){1,12})")
# A search for a literal prefix is fastest, so the look-behind follows the prefix.
_IMPORT = re.compile(rb"import(?<=\bimport)[ \t]+([\w., \t]{1,2000})")
_FROM = re.compile(
    rb"from(?<=\bfrom)[ \t]++(\.{0,16})((?:\w{1,64}\.){0,12}\w{0,64})[ \t]++import"
    rb"[ \t]*+(\((?:[^()#]|#[^\n]*+){0,8000}+|[^\n;]{0,2000})"
)
_CONTINUED = re.compile(rb"\\\r?\n")
_WORDS = re.compile(rb"[A-Za-z_]\w*")
_CHAIN = re.compile(rb"[A-Za-z_]\w{0,63}(?:\.[A-Za-z_]\w{0,63}){1,12}")
_DIVIDED = bytes.maketrans(b"./", b"  ")
_TOLD = re.compile(
    rb"(?<!\w)(?:" + b"|".join(IMPORTERS) + rb")"
    rb"[ \t]{0,20}+\(\s{0,80}(?![ru]?[\"'][^\"'\n%{]{0,200}[\"']\s{0,80}[,)])"
)
# The function itself is passed on, or imported under another name.
_HANDED = re.compile(rb"import_module(?<!\wimport_module)(?:[ \t]{1,20}as\b|[ \t]{0,20}[,)])")
_LOOKS_AROUND = tuple(
    b"iter_modules walk_packages __path__ listdir( scandir( glob( iterdir( spec_from_file_location"
    b" run_path run_module attach_stub".split()
)
_LOADS_ENTRY_POINTS = (b"entry_point", b"entrypoints", b"ExtensionManager", b"DriverManager")
_PLAIN = re.compile(rb"[\w.+:/-]{1,100}")
_PLAIN_LITERAL = re.compile(rb"\"([\w.+:/-]{1,100})(?=\")")


@dataclass(frozen=True, slots=True)
class PythonNames:
    """The names in a Python source, each tuple in a fixed order.

    `modules` are the first components of its imports, `dotted` of its literals with dots. `chains`
    are those literals, `imports` the names of `import` statements, and `froms` those of `from`
    statements: dots, name, words behind `import`. `literals` are its quoted texts without spaces,
    with a space around each. `told`: it imports by a computed name; `composed` are the beginnings
    and ends of such names.
    """

    modules: frozenset[str]
    dotted: frozenset[str]
    chains: tuple[str, ...]
    imports: tuple[str, ...]
    froms: tuple[tuple[int, str, frozenset[str]], ...]
    beginnings: frozenset[str]
    runs: frozenset[str]
    searched: frozenset[str]
    suites: frozenset[str]
    loads_entry_points: bool
    has_a_stub: bool
    literals: str
    told: bool
    composed: frozenset[tuple[str, str]]

    def quotes(self, text: bytes, source: Callable[[], Source]) -> bool:
        """Return whether one of the quoted texts is `text`; `source` is asked for a rare one."""
        if _PLAIN.fullmatch(text):
            return f" {text.decode()} " in self.literals
        return text in source().quoted

    def paths(self) -> frozenset[str]:
        """Return the quoted texts that are absolute paths."""
        if " /" not in self.literals:
            return frozenset()
        return frozenset(text for text in self.literals.split() if text.startswith("/"))

    def dump(self) -> list[Any]:
        """Return it as JSON."""
        return [
            *map(sorted, (self.modules, self.dotted, self.beginnings, self.runs)),
            *map(sorted, (self.searched, self.suites)),
            self.chains,
            self.imports,
            [(above, rest, sorted(words)) for above, rest, words in self.froms],
            self.loads_entry_points,
            self.has_a_stub,
            self.literals,
            self.told,
            sorted(self.composed),
        ]

    @staticmethod
    def load(row: Any) -> "PythonNames":
        """Return what `dump` was called on. Raises as `Reader` says."""
        modules, dotted, first, runs, searched, suites = map(frozenset, row[:6])
        chains, imports, froms, loads_entry_points, has_a_stub, literals, told, parts = row[6:]
        return PythonNames(
            modules,
            dotted,
            tuple(chains),
            tuple(imports),
            tuple((above, rest, frozenset(words)) for above, rest, words in froms),
            first,
            runs,
            searched,
            suites,
            bool(loads_entry_points),
            bool(has_a_stub),
            str(literals),
            bool(told),
            frozenset((first, last) for first, last in parts),
        )


@dataclass(frozen=True, slots=True)
class OwnNames:
    """What a source names in its own package.

    `looks_around`: it imports by a computed name, or searches a directory. Else any of its `words`
    may be a module, and each of `chains`, words with dots or slashes between them, may lead to one.
    """

    looks_around: bool
    words: frozenset[str] = frozenset()
    chains: tuple[str, ...] = ()

    def dump(self) -> list[Any]:
        """Return it as JSON."""
        return [self.looks_around, " ".join(sorted(self.words)), " ".join(self.chains)]

    @staticmethod
    def load(row: Any) -> "OwnNames":
        """Return what `dump` was called on. Raises as `Reader` says."""
        looks_around, words, chains = row
        return OwnNames(bool(looks_around), frozenset(words.split()), tuple(chains.split()))


def python_names(source: Source) -> PythonNames:
    """Return the names in a source."""
    text = _CONTINUED.sub(b" ", source)
    tests = source.find(b"test") >= 0
    told = _is_told(source)
    return PythonNames(
        imported(source),
        dotted_literals(source),
        tuple(sorted({found.decode() for found in _DOTTED.findall(source.literals)})),
        tuple(dict.fromkeys(_imports(text))),
        tuple(
            (len(above), rest.decode(), frozenset(map(bytes.decode, _WORDS.findall(listed))))
            for above, rest, listed in sorted(set(_FROM.findall(text)))
        ),
        beginnings(source),
        run_as_modules(source, in_lines=False),
        searched_suites(source) if tests else frozenset(),
        named_suites(source) if tests else frozenset(),
        mentions(source, *_LOADS_ENTRY_POINTS),
        mentions(source, b"attach_stub"),  # Scientific Python SPEC 1
        f" {b' '.join(sorted(_PLAIN_LITERAL.findall(source.literals))).decode()} ",
        told,
        composed(source) if told else frozenset(),
    )


def _is_told(source: Source) -> bool:
    """Return whether a source imports by a computed name, or hands on the function that does."""
    return mentions(source, *IMPORTERS) and (
        _TOLD.search(source) is not None or _HANDED.search(source) is not None
    )


def _imports(text: bytes) -> Iterator[str]:
    for listed in sorted(set(_IMPORT.findall(text))):
        for found in listed.split(b","):
            yield found.strip().partition(b" ")[0].decode()


def own_names(source: Source) -> OwnNames:
    """Return what a source names in its own package."""
    if _is_told(source) or mentions(source, *_LOOKS_AROUND):
        return OwnNames(looks_around=True)
    words = set(source.vocabulary.translate(_DIVIDED).decode().split())
    # Most words begin with a letter, and `lstrip` takes time.
    numbered = {word for word in words if word[0] <= "9"}
    words.difference_update(numbered)
    words.update(word.lstrip("0123456789") for word in numbered)
    dotted = b" ".join([run for run in source.runs if b"." in run or b"/" in run])
    return OwnNames(
        looks_around=False,
        words=frozenset(words) - {""},
        chains=tuple(sorted(map(bytes.decode, set(_CHAIN.findall(dotted.replace(b"/", b".")))))),
    )
