"""The documents below the paths that a user names: report directories, and single files."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError
from careen.pipeline.fleet.documents import says_nothing
from careen.tools.toml.file import load_toml
from careen.tools.toml.table import Table

MOST_FILES = 2_000_000
"""Limit on the files below one path."""
_MAX_LIST = 16 << 20
_MOST_LISTED = 200_000
_REPORT = ("rbom.json", "verify.json", "findings-hardened.json")
"""A directory with one of these files is a report of careen."""


@dataclass(frozen=True, slots=True)
class Source:
    """Documents that are read together: a report directory, one file, or an entry of a list.

    `name` and `digest` are what the list calls the image, "" without one.
    """

    where: str
    files: tuple[Path, ...]
    report: bool = False
    name: str = ""
    digest: str = ""


def sources(paths: Sequence[Path]) -> Iterator[Source]:
    """Yield the sources below paths, sorted. Links are not followed, hidden names left out.

    Raises InputError for a path that is missing, a directory of too many files, or a list that
    cannot be read.
    """
    for path in paths:
        if path.is_dir():
            yield from _below(path)
        elif path.suffix == ".toml":
            yield from _listed(path)
        elif path.is_file():
            yield Source(str(path), (path,))
        else:
            msg = f"{path}: there is no such file or directory"
            raise InputError(msg)


def _below(top: Path) -> Iterator[Source]:
    count = 0
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files = [Path(folder, name) for name in sorted(names) if _wanted(Path(folder, name))]
        count += len(files)
        if count > MOST_FILES:
            msg = f"{top}: more than {MOST_FILES:,} files; name the directories of the documents"
            raise InputError(msg)
        if any(file.name in _REPORT for file in files):
            folders.clear()  # logs, attestations
            yield Source(folder, tuple(files), report=True)
        else:
            # State of `careen ci` and of incidents lies beside reports.
            yield from (Source(str(file), (file,)) for file in files if not says_nothing(file))


def _wanted(path: Path) -> bool:
    hidden = path.name.startswith(".")
    return path.suffix == ".json" and not hidden and not path.is_symlink() and path.is_file()


def _listed(path: Path) -> Iterator[Source]:
    """Yield the images of a list: `[[image]]` with `name`, `digest` and `documents`."""
    root = load_toml(path, _MAX_LIST)
    root.only(("image",))
    tables = root.array("image")
    if not tables:
        root.fail("image", "no image: expected one [[image]] table or more")
    if len(tables) > _MOST_LISTED:
        root.fail("image", f"more than the {_MOST_LISTED:,} images that one list may have")
    for table in tables:
        yield _entry(table, path)


def _entry(table: Table, path: Path) -> Source:
    table.only(("digest", "documents", "name"))
    documents = table.texts("documents")
    if not documents:
        table.fail("documents", "is missing: the files or report directory of the image")
    found = [path.absolute().parent / document for document in documents]
    name, digest = table.text("name") or "", table.text("digest") or ""
    if len(found) == 1 and found[0].is_dir():
        files = tuple(each for each in sorted(found[0].iterdir()) if _wanted(each))
        return Source(str(found[0]), files, report=True, name=name, digest=digest)
    return Source(f"{path}: {name or documents[0]}", tuple(found), name=name, digest=digest)
