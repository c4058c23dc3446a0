"""What a compiled Python module imports: the names of modules among the texts in its bytes."""

import re
from collections.abc import Iterable
from itertools import chain

from careen.plan.scanners.compiled_texts import constants, cython_texts

_IMPORTS = b"PyImport_"
_TEXT = re.compile(rb"\0([A-Za-z_]\w{0,63})(?:\.\w[\w.]{0,200})?(?=\0)")
_OF_MYPYC = re.compile(
    rb"CPyModule_([A-Za-z]\w{0,63}?)(?=\0|___)"
)  # the variable of each module that it imports; `___` is a dot
_MIN_LOOSE = 5
_MAX_LOOSE = 1000


def imported_by(data: bytes, modules: Iterable[str]) -> frozenset[str]:
    """Return those of the modules (first components) that a compiled module names: as a text of its
    own (ended by NUL on both sides, or as Cython, mypyc and Nuitka keep it), or dotted. Rust keeps
    its texts side by side without an end, so there a name of some length counts wherever it does
    not go on in small letters. One pass over the bytes each.
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
