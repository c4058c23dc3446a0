"""Texts in an application's files that are no plain source.

The files are archives, frozen programs, byte code, notebooks, classes and compiled modules.
"""

import contextlib
import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from careen.errors import ImageError
from careen.formats.json_document import parse_object
from careen.formats.zip_reader import ZipArchive, ZipBudget
from careen.model.runs.run_budget import RunBudget
from careen.plan.core.own_distributions import MAX_DIRECT_URL, names_directory
from careen.plan.mechanisms.commands.compiled_commands import is_runtime
from careen.plan.scanners.compiled.texts import constants, cython_texts
from careen.plan.scanners.frozen_programs import frozen_code
from careen.plan.scanners.java import ARCHIVES, CLASS, LOADERS, STARTERS, literals_of, paths_of
from careen.plan.scanners.packed_text import Kind, Text

MAX_ALL = 1 << 30  # of all files of an image: some ten seconds
MAX_MEMBER = 4 << 20
MAX_PROGRAM = 128 << 20
MAX_RECORD = 1 << 20
MAX_STATED = 1000  # distributions in an archive whose origin is read
MAX_MEMBERS = (
    60_000  # of all archives of an image: some seconds. What is not read could only have kept more
)
MAX_NESTED = 64 << 20  # bytes of a packed archive within another; a stored one is read in place
NOTEBOOK = ".ipynb"
_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|script)\b|\s*%%!")
_SHELL_LINE = re.compile(
    r"^[ \t]*+(?:\w++[ \t]*+=[ \t]*+)?(?:!|%sx[ \t]|%system[ \t])(.+)$", re.MULTILINE
)
HEAD = 512  # bytes by which an archive is recognised
_ZIP = b"PK\x03\x04"
_ELF = b"\x7fELF"
_MODULE = re.compile(r"\.so\Z")
_MAX_FOUND = 1_000_000  # of one file: a second
_BYTE_CODE_TEXT = re.compile(rb"[zZ\xfa\xda](?=(.)[ -~])", re.DOTALL)
_LITERAL = re.compile(rb"[ !#-\[\]-~]{1,255}")
PICKLES = (".pkl", ".pickle", ".joblib", ".p", ".sav", ".dill")
_LIBRARY = re.compile(r"(?:.*/)?(?:(?:site|dist)-packages|\.deps/[^/]+)/([^/.]+)")
_FIRST = re.compile(r"^[^/.,\s]+", re.MULTILINE)
_ENTRY_POINTS = ("PEX-INFO", "environment.json")  # of pex, of shiv


@dataclass(slots=True)
class Allowance:
    """Budget for the content of one image's packed files.

    `places` are places that look like names, `letters` the letters `c` in lines that may name a
    module.
    """

    places: int = 10_000_000
    letters: int = 1_000_000

    def of(self, found: Iterator[re.Match[bytes]]) -> Iterator[re.Match[bytes]]:
        """Yield the matches in one file while the allowance lasts."""
        for match in islice(found, min(_MAX_FOUND, self.places)):
            self.places -= 1
            yield match


def byte_code_texts(data: bytes, allowance: Allowance | None = None) -> bytes:
    """Return the names and short texts of compiled modules as literals, one a line.

    The format is marshal, version 4. The texts do not overlap, so they have no more bytes than
    `data`.
    """
    out: set[bytes] = set()
    left = len(data)
    for match in (allowance or Allowance()).of(_BYTE_CODE_TEXT.finditer(data)):
        text = data[match.end() + 1 : match.end() + 1 + match.group(1)[0]]
        if text not in out and _LITERAL.fullmatch(text):
            left -= len(text)
            if left < 0:
                break
            out.add(text)
    return as_literals(out)


def as_literals(texts: Iterable[bytes]) -> bytes:
    """Return texts as literals of a source, one a line.

    Texts over 255 bytes, and those that would end or break a literal, are left out.
    """
    return b"\n".join(b'"%b"' % text for text in sorted(texts) if _LITERAL.fullmatch(text))


def is_sourceless(path: str) -> bool:
    """Return whether a path is byte code that Python imports itself, outside of its cache."""
    return path.endswith(".pyc") and "/__pycache__/" not in path


def is_archive(path: str, head: bytes) -> bool:
    """Return whether a file that begins with `head` may be an archive of Python or Java.

    A script's first line may precede the archive.
    """
    return (
        head.startswith(_ZIP)
        or (head.startswith(b"#!") and _ZIP in head)
        or path.endswith((".pyz", ".pex", *ARCHIVES))
    )


def _of_notebook(data: bytes, path: str) -> Iterator[Text]:
    """Yield the code cells of a notebook (nbformat 4), and the shell commands in them.

    A broken notebook yields nothing.
    """
    with contextlib.suppress(ImageError):
        cells = parse_object(data, path, ImageError).get("cells")
        for cell in cells if isinstance(cells, list) else ():
            written = (
                cell.get("source")
                if isinstance(cell, dict) and cell.get("cell_type") == "code"
                else None
            )
            text = (
                "".join(line for line in written if isinstance(line, str))
                if isinstance(written, list)
                else written
            )
            if not isinstance(text, str):
                continue
            if _SHELL_CELL.match(text):
                yield Text(text.partition("\n")[2].encode("utf-8", "replace"), Kind.SHELL)
                continue
            yield Text(text.encode("utf-8", "replace"), Kind.SOURCE)
            if lines := _SHELL_LINE.findall(text):
                yield Text("\n".join(lines).encode("utf-8", "replace"), Kind.SHELL)


def _own_modules(archive: ZipArchive) -> Iterator[str]:
    """Yield the top-level modules in an archive's libraries that are the application's own.

    These are the one that it starts, and those of distributions installed from a directory (PEP
    610).
    """
    stated = (
        member
        for member in archive.names()
        if member in _ENTRY_POINTS or member.endswith(".dist-info/direct_url.json")
    )
    for member in islice(stated, MAX_STATED):
        with contextlib.suppress(ImageError):
            if member in _ENTRY_POINTS:
                started = parse_object(archive.read(member, MAX_MEMBER), member, ImageError).get(
                    "entry_point"
                )
                yield from (re.split(r"[.:]", started)[0],) if isinstance(started, str) else ()
            elif names_directory(archive.read(member, MAX_DIRECT_URL), member):
                record = archive.read(f"{member.rpartition('/')[0]}/RECORD", MAX_RECORD).decode(
                    "utf-8", "replace"
                )
                yield from {match.group() for match in _FIRST.finditer(record)}


class PackedTexts:
    """Reader of the packed files of one image, within one budget.

    What is broken or too large is skipped.
    """

    def __init__(self, allowance: Allowance, run: RunBudget, most: int = MAX_ALL) -> None:
        self._allowance = allowance
        self._budget = ZipBudget(most, run=run)
        self._members = MAX_MEMBERS
        self._left = most

    def of(self, path: str, stream: BinaryIO) -> Iterator[Text]:
        """Yield the texts of one file; none if it is not packed, or neither Python nor Java."""
        head = stream.read(HEAD)
        stream.seek(0)
        if is_sourceless(path):
            yield self._byte_code(stream.read(min(MAX_MEMBER, self._left)), foreign=False)
        elif path.endswith(NOTEBOOK):
            yield from _of_notebook(stream.read(min(MAX_MEMBER, self._left)), path)
        elif path.endswith(CLASS):
            yield from self._of_class(stream.read(min(MAX_MEMBER, self._left)))
        elif is_archive(path, head):
            with (
                contextlib.suppress(ImageError),
                ZipArchive(stream, path, budget=self._budget) as archive,
            ):
                yield from self._of_archive(archive, wheel=path.endswith(".whl"))
        elif head.startswith(_ELF):
            yield from self._of_elf(path, stream)

    def _of_elf(self, path: str, stream: BinaryIO) -> Iterator[Text]:
        base = path.rpartition("/")[2]
        if is_runtime(base) and (_MODULE.search(base) is None or base.startswith("lib")):
            return
        data = stream.read(min(MAX_PROGRAM, self._left))
        self._left -= len(data)
        if found := frozenset(constants(data)):
            yield Text(as_literals(found), Kind.BYTE_CODE, foreign=not is_runtime(base))
        if is_runtime(base):
            cython = cython_texts(data)
            yield (
                Text(cython.loose, Kind.TABLE)
                if cython.loose
                else Text(as_literals(cython.texts), Kind.BYTE_CODE)
            )
            return
        for code in frozen_code(stream, self._left):
            yield self._byte_code(code, foreign=True)
        yield Text(data, Kind.PROGRAM)

    def _of_archive(self, archive: ZipArchive, *, wheel: bool = False) -> Iterator[Text]:
        """Yield the texts of an archive and of those in it, as deep as the reader allows.

        A member that cannot be read is skipped. A wheel that is not installed is a library.
        """
        own = frozenset(_own_modules(archive))
        for member in archive.names():
            with contextlib.suppress(ImageError):
                if member.endswith(ARCHIVES):
                    with archive.open_nested(member, MAX_NESTED) as nested:
                        yield from self._of_archive(nested)
                elif (
                    member.endswith((".py", ".pyc", CLASS, *PICKLES))
                    and self._members > 0
                    and archive.size(member) <= MAX_MEMBER
                ):
                    self._members -= 1
                    yield from self._of_member(
                        member, archive.read(member, MAX_MEMBER), own, wheel=wheel
                    )

    def _of_member(
        self, member: str, data: bytes, own: AbstractSet[str], *, wheel: bool
    ) -> Iterator[Text]:
        if member.endswith(CLASS):
            yield from self._of_class(data)
            return
        if member.endswith(PICKLES):
            yield Text(data, Kind.PICKLE)
            return
        library = _LIBRARY.match(member)
        foreign = wheel or (library is not None and library.group(1) not in own)
        yield (
            Text(data, Kind.SOURCE, foreign)
            if member.endswith(".py")
            else self._byte_code(data, foreign=foreign)
        )

    def _of_class(self, data: bytes) -> Iterator[Text]:
        self._left -= min(len(data), self._left)
        for kind, found in (
            (Kind.STARTS, literals_of(data, STARTERS)),
            (Kind.LOADS, literals_of(data, LOADERS)),
        ):
            if found:
                yield Text("\n".join(found).encode("utf-8", "replace"), kind)
        if named := paths_of(data):
            yield Text(as_literals(named), Kind.PATHS)

    def _byte_code(self, data: bytes, *, foreign: bool) -> Text:
        self._left -= min(len(data), self._left)
        return Text(byte_code_texts(data, self._allowance), Kind.BYTE_CODE, foreign)
