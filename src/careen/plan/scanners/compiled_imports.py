"""Modules that a compiled Python module imports, by the texts in its bytes."""

import re
from collections.abc import Iterable
from itertools import chain

from careen.plan.scanners.compiled_texts import constants, cython_texts

_IMPORTS = b"PyImport_"
_TEXT = re.compile(rb"\0([A-Za-z_]\w{0,63})(?:\.\w[\w.]{0,200})?(?=\0)")
# mypyc has a variable for each module that it imports; `___` is a dot
_OF_MYPYC = re.compile(rb"CPyModule_([A-Za-z]\w{0,63}?)(?=\0|___)")
_MIN_LOOSE = 5
_MAX_LOOSE = 1000


def imported_by(data: bytes, modules: Iterable[str]) -> frozenset[str]:
    """Return which of the top-level modules a compiled module names, alone or dotted.

    A name must be a text of its own: between NULs, or as Cython, mypyc or Nuitka store it. Rust
    (PyO3) stores texts without an end, so there a name of at least five letters counts unless
    lower-case letters or digits adjoin it. Each form takes one pass over the bytes.
    """
    wanted = {module.encode() for module in modules if module.isidentifier()}
    if _IMPORTS not in data:
        return frozenset()
    cython = cython_texts(data)
    texts = chain(
        _TEXT.findall(data),
        _OF_MYPYC.findall(data),
        (text.partition(b".")[0] for text in chain(cython.texts, constants(data))),
    )
    found = wanted.intersection(texts)
    found.update(item for item in wanted - found if cython.names(item))
    loose = sorted(module for module in wanted - found if len(module) >= _MIN_LOOSE)[:_MAX_LOOSE]
    if b"pyo3" in data and loose:
        found.update(
            re.findall(
                rb"(?<![a-z0-9_.-])(" + b"|".join(map(re.escape, loose)) + rb")(?![a-z0-9_/-])",
                data,
            )
        )
    return frozenset(item.decode() for item in found)
