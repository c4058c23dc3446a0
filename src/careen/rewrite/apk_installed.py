"""Edits of apk's databases: installed packages, triggers, and the world file.

`scripts.tar` is not changed: apk ignores scripts of packages that are not installed.
"""

import base64
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from careen.model.packages.package import Package
from careen.model.paths import ImagePath, parent
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.fate import Fate, Fates
from careen.rewrite.lines import decode, encode, map_lines, split_lines
from careen.rewrite.new_contents import NewContents

WORLD = ImagePath("/etc/apk/world")
MAX_INSTALLED = 128 << 20
MAX_ADMIN = 8 << 20
_NAME = re.compile(r"[^<>=~@]+")
_SUMS = {"Q1": "sha1", "Q2": "sha256"}


@dataclass(frozen=True, slots=True)
class Listed:
    """Path in a record of apk's database.

    `text` has no leading slash, `line` is the index of its line, and `checksum` is `Q1…` (base64 of
    SHA-1) or "".
    """

    text: str
    line: int
    checksum: str = ""
    is_directory: bool = False


def apk_edits(
    installed: Iterable[Package],
    removed: Collection[Package],
    names: Collection[str],
    rootfs: Rootfs,
    fates: Fates,
    contents: NewContents,
) -> None:
    """Add new contents for the databases that list the packages in `installed`.

    `removed` are those removed whole; `names` are the names that no package has any more. Raises
    ImageError for a file that is larger than its limit.
    """
    edits = contents.edits
    for path in sorted({package.record for package in installed}):
        gone = {(package.name, package.version) for package in removed if package.record == path}
        text = decode(rootfs.read(path, MAX_INSTALLED))
        edits[path] = encode(edit_installed(text, gone, fates, contents))
        sums = {
            line[2:].removesuffix("\n")
            for record in _records(text)
            if _identity(record) in gone
            for line in record
            if line.startswith("C:")
        }
        _apply(
            edits, rootfs, ImagePath(f"{parent(path)}/triggers"), partial(edit_triggers, sums=sums)
        )
    if names:
        _apply(edits, rootfs, WORLD, partial(edit_world, removed=names))


def _apply(
    edits: dict[ImagePath, bytes], rootfs: Rootfs, path: ImagePath, edit: Callable[[str], str]
) -> None:
    entry = rootfs.get(path)
    if entry is not None and entry.is_file:
        edits[path] = encode(edit(decode(rootfs.read(path, MAX_ADMIN))))


def edit_installed(
    text: str, removed: Collection[tuple[str, str]], fates: Fates, contents: NewContents
) -> str:
    """Drop the records of `removed` ((name, version)), and renew checksums of rewritten files.

    Packages that lose a path lose the lines of all missing paths.
    """
    return "".join(
        "".join(_edited(_summed(record, fates, contents), fates))
        for record in _records(text)
        if _identity(record) not in removed
    )


def edit_triggers(text: str, sums: Collection[str]) -> str:
    """Drop the lines (`checksum directory …`) of packages with these checksums."""
    return map_lines(text, lambda line: None if line.partition(" ")[0] in sums else line)


def edit_world(text: str, removed: Collection[str]) -> str:
    """Drop the lines of packages with these names, whatever version or repository they request."""
    # apk would install them again.
    return map_lines(
        text,
        lambda line: (
            None
            if (found := _NAME.match(line.strip())) is not None and found[0] in removed
            else line
        ),
    )


def listed(text: str) -> Iterator[Listed]:
    """Yield every path in the records, in order."""
    at = 0
    for record in _records(text):
        for path in _listed(record):
            yield Listed(path.text, at + path.line, path.checksum, path.is_directory)
        at += len(record)


def _records(text: str) -> Iterator[list[str]]:
    """Yield the lines of each record, empty lines after it included."""
    record: list[str] = []
    ended = False
    for line in split_lines(text):
        if ended and line != "\n":
            yield record
            record, ended = [], False
        record.append(line)
        ended = ended or (line == "\n" and len(record) > 1)
    if record:
        yield record


def _identity(record: list[str]) -> tuple[str, str]:
    fields: dict[str, str] = {}
    for line in record:
        fields.setdefault(line[:2], line[2:].removesuffix("\n"))
    return fields.get("P:", ""), fields.get("V:", "")


def _listed(record: list[str]) -> Iterator[Listed]:
    directory = ""
    for number, line in enumerate(record):
        value = line[2:].removesuffix("\n")
        if line.startswith("F:"):
            directory = value
            if directory:  # the root itself is always there
                yield Listed(directory, number, is_directory=True)
        elif line.startswith("R:"):
            about = itertools.takewhile(
                lambda after: after[:2] in ("a:", "Z:"), record[number + 1 : number + 3]
            )
            checksum = next(
                (after[2:].removesuffix("\n") for after in about if after.startswith("Z:")), ""
            )
            yield Listed(f"{directory}/{value}" if directory else value, number, checksum)


def _summed(record: list[str], fates: Fates, contents: NewContents) -> list[str]:
    out = list(record)
    for path in _listed(record):
        there = fates.path(f"/{path.text}") if path.checksum else None
        if there is not None and there in contents and path.checksum[:2] in _SUMS:
            algorithm = _SUMS[path.checksum[:2]]
            number = next(
                n for n in range(path.line + 1, len(record)) if record[n].startswith("Z:")
            )
            digest = base64.b64encode(contents.digest(there, algorithm)).decode()
            out[number] = f"Z:{path.checksum[:2]}{digest}\n"
    return out


def _edited(record: list[str], fates: Fates) -> list[str]:
    paths = list(_listed(record))
    found = {path.line: fates.of(f"/{path.text}") for path in paths}
    if Fate.REMOVED not in found.values():
        return record
    out: list[str] = []
    # whether the lines on modes and checksums that follow belong to a path that is dropped
    dropped = False
    for number, line in enumerate(record):
        if number in found:
            dropped = found[number] is not Fate.KEPT
        elif line[:2] not in ("M:", "a:", "Z:"):
            dropped = False
        if not dropped:
            out.append(line)
    return out
