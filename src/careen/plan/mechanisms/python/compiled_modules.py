"""Python modules that compiled modules import.

Cython, C and Rust code names them by texts in its bytes; no source shows them.
"""

import re

from careen.model.entry import Entry
from careen.model.paths import name
from careen.plan.core.facts import CompiledModule
from careen.plan.core.mechanism import Mechanism, Work

MAX_MODULE = 64 << 20
_EXTENSION = re.compile(r"\.(?:cpython-[\w-]+|abi3|pypy[\w-]+)?\.?so\Z")


def is_extension(base: str) -> bool:
    """Return whether a file of this name may be an extension module of Python."""
    return _EXTENSION.search(base) is not None


class CompiledModules(Mechanism):
    """Keeps the distributions whose modules a kept compiled module names.

    A library beside it, without `PyImport_…` in its bytes, imports nothing.
    """

    id = "compiled-modules"
    why = (
        "compiled code imports by name when a function is first called; there is no source to read"
    )
    codes = ("python-import",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread: list[Entry] = []

    def visit(self, entry: Entry) -> None:
        if (
            entry.is_file
            and entry.size <= MAX_MODULE
            and is_extension(name(entry.path))
            and self._work.scene.library_of(entry.path) is None
        ):
            self._unread.append(entry)

    def settle(self) -> None:
        # After the sources were read, few distributions are left to look for.
        unread, self._unread = self._unread, []
        for entry in unread:
            self._work.facts.post(CompiledModule(entry))
