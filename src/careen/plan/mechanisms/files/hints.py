"""Libraries of the image that a program opens by a name in its bytes (dlopen(3))."""

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from careen.formats.elf.program import ElfInfo
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem
from careen.model.paths import name
from careen.model.plan import Reason
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.readings import Reader
from careen.plan.mechanisms.files.programs import may_be_elf
from careen.plan.scanners.composed_names import composed, is_composed
from careen.plan.scanners.program_pieces import Range, pieces

_OVERLAP = 256
_NAME = re.compile(rb"[\w.+%{}-]{1,200}\.so(?:\.[\w.%{}]{1,40})?(?=[\0'\"\s]|\Z)")
_RENAMED = re.compile(r"(lib[\w.+-]+)-[0-9a-f]{8}(\.so(?:\.[\d.]+)?)\Z")
# A function that a program looks up by its name (dlsym), and a part of a mode of fopen.
_OPENS_CHARACTER_SETS = (b"iconv_open", b",ccs=")
_BEFORE = 208
_AFTER = 48


def library_names(stream: BinaryIO, *without: Range) -> Iterator[str]:
    """Yield names like `libx.so.1` and `libx_%s.so.1` in a stream, some twice.

    Also the texts `iconv_open` and `,ccs=`, by which the C library opens its modules. The stream is
    read in pieces of bounded memory. Nothing in the ranges `without` counts.
    """
    for block, end in pieces(stream, _OVERLAP, without):
        at = block.find(b".so", 0, end)
        while at >= 0:
            for match in _NAME.finditer(block, max(0, at - _BEFORE), min(end, at + _AFTER)):
                yield match.group().decode("ascii", "replace")
            at = block.find(b".so", at + _AFTER, end)
        for text in _OPENS_CHARACTER_SETS:
            if block.find(text, 0, end) >= 0:
                yield text.decode()


def names_outside(info: ElfInfo) -> Reader[BinaryIO, frozenset[str]]:
    """Return the reader of the names of libraries in code and constants of the host.

    The dynamic string table and programs for a GPU do not count.
    """

    def read(stream: BinaryIO) -> frozenset[str]:
        with stream:
            return frozenset(library_names(stream, info.strings, *info.device))

    # The ranges are what the file itself says.
    return Reader("library names", read, sorted, frozenset)


class DlopenHints(Mechanism):
    """Keeps the libraries whose names are in the bytes of a kept ELF file.

    They are resolved as the loader would. A name composed at run time keeps every library that it
    can become. The dynamic string table does not count: a name there without a NEEDED entry is left
    from before a wheel's libraries were renamed. Neither does the name of a library of which the
    same wheel has a renamed copy.
    """

    id = "dlopen"
    why = (
        "a library opened by name is no NEEDED entry; the profile's code path, processor or"
        " driver may not have opened it"
    )
    codes = ("dlopen-hint",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._known = frozenset(
            name(entry.path) for entry in work.scene.rootfs if ".so" in entry.path
        )
        self._composed: dict[str, tuple[str, ...]] = {}
        self._renamed: dict[str, frozenset[str]] = {}

    def visit(self, entry: Entry) -> None:
        if not may_be_elf(entry) or (info := self._work.loader.info(entry)) is None:
            return
        # Arguments of dlopen are constants outside of the dynamic string table.
        found = self._work.scene.readings.at(
            entry,
            names_outside(info),
            partial(self._work.scene.rootfs.open, entry.path),
        )
        if not info.needed:
            # A static program has all of fopen, whatever it uses of it.
            found -= {",ccs="}
        texts = {item if item in self._known else item.lstrip("%{}") for item in found}
        for text in sorted(texts - {info.soname, name(entry.path)}):
            self._work.opened.note(text, entry.path)
        names = texts & self._known
        names.update(
            item
            for text in sorted(texts - names)
            if is_composed(text)
            for item in self._becomes(text)
        )
        own = {*info.needed, info.soname, name(entry.path)}
        for library in sorted(names - own):
            if self._is_in_wheel(library, entry):
                continue
            for text in self._work.loader.resolve(library, entry.path, info, ()):
                if self._work.leaves_out(text):
                    continue
                self._work.keeping.reach(
                    text, Reason("dlopen-hint", f"{library}, named in {entry.path}", entry.path)
                )

    def _is_in_wheel(self, library: str, entry: Entry) -> bool:
        """Return whether the wheel of a file has a renamed copy of a library (auditwheel)."""
        # A wheel runs where the library is not installed (PEP 600). Its code is linked with the
        # copy, and opens the other by its name, if at all, where there is no copy.
        for package in self._work.scene.owners(entry.path, Ecosystem.PYPI):
            if package.purl not in self._renamed:
                found = (_RENAMED.match(name(path)) for path in package.files)
                self._renamed[package.purl] = frozenset(
                    f"{match[1]}{match[2]}." for match in found if match is not None
                )
            if any(copy.startswith(f"{library}.") for copy in self._renamed[package.purl]):
                return True
        return False

    def _becomes(self, text: str) -> tuple[str, ...]:
        if text not in self._composed:
            self._composed[text] = composed(text, self._known)
        return self._composed[text]
