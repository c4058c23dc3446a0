"""Survey of a folder: files of whole feeds alone, single-record files grouped by folder."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careen.advisories.database.settled import Kind
from careen.advisories.documents import BROKEN, documents, is_archive
from careen.advisories.feeds.others import known_non_feed, looks_like
from careen.advisories.feeds.port import Document
from careen.advisories.feeds.registry import recognise
from careen.errors import InputError

MOST_FILES = 2_000_000
"""Limit on the files below one folder."""


@dataclass(frozen=True, slots=True)
class Part:
    """Unit that is imported or refused as a whole. `name` is the path below the folder.

    Exactly one holds: `readable`, `trouble` (could not be opened), or neither. In the last case
    `known` says what it is, or `looks` describes it.
    """

    name: str
    files: tuple[Path, ...]
    kind: Kind = Kind.SNAPSHOT
    readable: bool = False
    known: str = ""
    looks: str = ""
    trouble: str = ""

    @property
    def alone(self) -> bool:
        """Whether it is one document, not an archive or a folder of them."""
        return not self.readable

    def documents(self) -> Iterator[Document]:
        """Yield every document; each stream is valid until the next document is taken.

        Raises OSError and the exceptions in `documents.BROKEN`.
        """
        for path in self.files:
            with documents(path) as found:
                yield from found

    def digest(self) -> str:
        """Return the hex SHA-256 of the file, or of all digests and names. Raises OSError."""
        if len(self.files) == 1:
            return _digest(self.files[0])
        whole = hashlib.sha256()
        for path in self.files:
            whole.update(f"{_digest(path)} {path.name}\n".encode("utf-8", "surrogateescape"))
        return whole.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def survey(source: Path) -> Iterator[Part]:
    """Yield the parts of a folder or file: whole feeds first, then folders of single records.

    Raises InputError if there is no source or too many files.
    """
    if not source.exists():
        msg = f"{source}: there is no such file or directory"
        raise InputError(msg)
    singles: dict[Path, list[Path]] = {}
    for path in _files(source):
        name = str(path.relative_to(source)) if path != source else source.name
        part = _probe(name, path)
        if part is None:
            singles.setdefault(path.parent, []).append(path)
        else:
            yield part
    # Single records come last because they are newer.
    for folder, paths in singles.items():
        name = (
            str(folder.relative_to(source))
            if source.is_dir() and folder != source
            else paths[0].name
            if len(paths) == 1
            else source.name
        )
        yield Part(name, tuple(paths), Kind.CHANGES, readable=True)


def _files(source: Path) -> Iterator[Path]:
    if not source.is_dir():
        yield source
        return
    count = 0
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith(".") or not path.is_file():
                continue
            count += 1
            if count > MOST_FILES:
                msg = f"{source}: more than {MOST_FILES} files; name the folder of the feeds"
                raise InputError(msg)
            yield path


def _probe(name: str, path: Path) -> Part | None:
    """Return a file's part, or None if it is one record of a larger feed."""
    try:
        if is_archive(path):
            return Part(name, (path,), readable=True)
        with documents(path) as found:
            head = next(found).head
    except OSError as error:
        return Part(name, (path,), trouble=f"cannot be read: {error.strerror or error}")
    except (*BROKEN, ValueError) as error:
        return Part(
            name, (path,), trouble=f"it ends in the middle or is damaged ({error}): served half?"
        )
    reader = recognise(head)
    if reader is None:
        return Part(name, (path,), known=known_non_feed(head) or "", looks=looks_like(head))
    if reader.single and not head.lines and not isinstance(head.value, list):
        return None
    return Part(name, (path,), readable=True)
