"""The documents below the paths that a user names: report directories, and single files."""

import os
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError
from careen.evidence.directory.layout import ATTESTATIONS, FORMATS, MANIFEST
from careen.model.fleet.facts import Known
from careen.pipeline.fleet.documents import says_nothing
from careen.tools.toml.file import load_toml
from careen.tools.toml.table import Table

MOST_FILES = 2_000_000
"""Limit on the files below one path."""
_MAX_LIST = 16 << 20
_MOST_LISTED = 200_000
_REPORT = frozenset({"rbom.json", "verify.json", "findings-hardened.json"})
_MADE_BY_CAREEN = frozenset({"index.json", MANIFEST})
"""A directory with one of each is a report of careen. One name alone can be any tool's file."""
_OF_REPORT = frozenset({MANIFEST, *FORMATS})
_OSCAL = "oscal-"
"""Begins the files that `careen comply` adds to a report."""
_PARTS = frozenset({"rbom.cdx.json", "cbom.cdx.json"})
"""CycloneDX of careen that lists a part of the packages, and is no inventory."""
_FOLDERS_OF_REPORT = frozenset({ATTESTATIONS, "logs"})


@dataclass(frozen=True, slots=True)
class Source:
    """Documents that are read together: a report directory, one file, or an entry of a list.

    `name` and `digest` are what the list calls the image, "" without one. `problem` says why there
    is nothing to read, "" if there is; `forged` that a signature is wrong. Of an image that was
    asked for by its name, `known` is what is said of it outside its documents, `print` tells its
    state from others ("" for one that is read each time), `live` that its name leads there now,
    `bare` that it has no document, `scanned` that careen scanned it, `unread` what of it could not
    be used, and why.
    """

    where: str
    files: tuple[Path, ...]
    report: bool = False
    name: str = ""
    digest: str = ""
    problem: str = ""
    forged: bool = False
    known: Known | None = None
    print: str = ""
    live: bool = False
    bare: bool = False
    scanned: bool = False
    unread: tuple[str, ...] = ()


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
    unread: list[OSError] = []
    for folder, folders, names in os.walk(top, onerror=unread.append):
        yield from _unreadable(unread)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files = [Path(folder, name) for name in sorted(names) if _wanted(Path(folder, name))]
        count += len(files)
        if count > MOST_FILES:
            msg = f"{top}: more than {MOST_FILES:,} files; name the directories of the documents"
            raise InputError(msg)
        if is_report({file.name for file in files}):
            folders[:] = [name for name in folders if name not in _FOLDERS_OF_REPORT]
            yield Source(folder, tuple(f for f in files if f.name in _OF_REPORT), report=True)
            files = [
                file
                for file in files
                if file.name not in _OF_REPORT and not file.name.startswith(_OSCAL)
            ]
        # State of `careen ci` and of incidents lies beside reports.
        yield from (
            Source(str(file), (file,))
            for file in files
            if file.name not in _PARTS and not says_nothing(file)
        )
    yield from _unreadable(unread)


def is_report(names: AbstractSet[str]) -> bool:
    """Return whether a directory with files of these names is a report of careen."""
    return not names.isdisjoint(_REPORT) and not names.isdisjoint(_MADE_BY_CAREEN)


def _unreadable(errors: list[OSError]) -> Iterator[Source]:
    """Yield a source for each directory that could not be read, and forget the errors."""
    for error in errors:
        yield Source(str(error.filename), (), problem=f"cannot be read: {error.strerror}")
    errors.clear()


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


def is_watch_list(path: Path) -> bool:
    """Return whether a file is a list of `careen watch`. Raises ConfigError for no TOML."""
    if path.suffix != ".toml" or not path.is_file():
        return False
    return any("source" in table.values for table in load_toml(path, _MAX_LIST).array("image"))


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
