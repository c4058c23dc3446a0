"""Modules that a compiled Python module imports, by the texts in its bytes."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from careen.plan.scanners.compiled.texts import CythonTexts, constants, cython_texts

_IMPORTS = b"PyImport_"
_CYTHON = b"__pyx_"
_TEXT = re.compile(rb"\0([A-Za-z_]\w{0,63})(?:\.\w[\w.]{0,200})?(?=\0)")
# mypyc has a variable for each module that it imports; `___` is a dot
_OF_MYPYC = re.compile(rb"CPyModule_([A-Za-z]\w{0,63}?)(?=\0|___)")
_OF_WORDS = b"abcdefghijklmnopqrstuvwxyz0123456789_"
_WORDS_ALONE = bytes(char if char in _OF_WORDS else ord(" ") for char in range(256))
_MIN_LOOSE = 5
_MAX_LOOSE = 1000


@dataclass(frozen=True, slots=True)
class CompiledNames:
    """The texts of a compiled module that may name modules, as bytes in Latin-1.

    `texts` are texts of their own, before the first dot; `loose` are Cython's whose ends are not
    known. All are empty if it imports nothing. `is_rust`: it is of PyO3.
    """

    imports: bool = False
    is_cython: bool = False
    is_rust: bool = False
    texts: frozenset[str] = frozenset()
    loose: str = ""

    def imported(
        self, modules: Iterable[str], loosely: Callable[[tuple[str, ...]], Iterable[str]]
    ) -> frozenset[str]:
        """Return which of the top-level modules it names, alone or dotted.

        A name must be a text of its own: between NULs, or as Cython, mypyc or Nuitka store it. Rust
        stores texts without an end: there `loosely` is asked for `loose_names`.
        """
        wanted = {module.encode() for module in modules if module.isidentifier()}
        if not self.imports:
            return frozenset()
        cython = CythonTexts(loose=self.loose.encode("latin-1"))
        found = {item for item in wanted if item.decode("latin-1") in self.texts}
        found.update(item for item in wanted - found if cython.names(item))
        loose = sorted(module for module in wanted - found if len(module) >= _MIN_LOOSE)
        if self.is_rust and loose:
            names = tuple(module.decode() for module in loose[:_MAX_LOOSE])
            found.update(item.encode() for item in loosely(names))
        return frozenset(item.decode() for item in found)

    def dump(self) -> list[Any]:
        """Return it as JSON."""
        return [self.imports, self.is_cython, self.is_rust, sorted(self.texts), self.loose]

    @staticmethod
    def load(row: Any) -> "CompiledNames":
        """Return what `dump` was called on. Raises as `Reader` says."""
        imports, is_cython, is_rust, texts, loose = row
        return CompiledNames(
            bool(imports), bool(is_cython), bool(is_rust), frozenset(texts), str(loose)
        )


def compiled_names(data: bytes) -> CompiledNames:
    """Return the texts of a compiled module; each form takes one pass over the bytes."""
    if _IMPORTS not in data:
        return CompiledNames(is_cython=_CYTHON in data)
    cython = cython_texts(data)
    texts = chain(
        _TEXT.findall(data),
        _OF_MYPYC.findall(data),
        (text.partition(b".")[0] for text in chain(cython.texts, constants(data))),
    )
    return CompiledNames(
        imports=True,
        is_cython=_CYTHON in data,
        is_rust=b"pyo3" in data,
        texts=frozenset(text.decode("latin-1") for text in set(texts)),
        loose=cython.loose.decode("latin-1"),
    )


def loose_names(names: tuple[str, ...], data: bytes) -> tuple[str, ...]:
    """Return those of some names that no lower-case letters or digits adjoin."""
    # Splitting costs less than a search for all of the names, of which hardly any is there.
    words = frozenset(data.translate(_WORDS_ALONE).split())
    wanted = [
        item
        for item in map(str.encode, names)
        if (item in words if not item.translate(None, _OF_WORDS) else item in data)
    ]
    if not wanted:
        return ()
    pattern = b"|".join(map(re.escape, wanted))
    found = re.findall(rb"(?<![a-z0-9_.-])(" + pattern + rb")(?![a-z0-9_/-])", data)
    return tuple(sorted({item.decode() for item in found}))


def names_below(package: str, data: bytes) -> tuple[str, ...]:
    """Return the dotted names below a top-level package that a compiled module has in full."""
    begin = re.escape(package.encode("utf-8", "surrogateescape"))
    pattern = begin + rb"(?<![\w.]" + begin + rb")(?:\.\w{1,64}){1,12}"
    found = sorted(set(re.findall(pattern, data)))
    return tuple(item.decode("utf-8", "replace") for item in found)
