"""Reader of apk's database of installed packages (apk-package(5)).

It is one text file of records, each a run of `letter:value` lines, separated by empty lines.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from careen.errors import ImageError
from careen.inventory.python.installed_files import printable

MAX_DATABASE = 128 << 20  # an image with every package of a desktop has about 20 MB
MAX_RECORDS = 100_000
MAX_FILES = 2_000_000  # the most entries that are read of an image
# Characters of all paths: a directory is written once and can hold a million files.
MAX_PATHS = 256 << 20
# `D:` and `p:` are one line each; the longest in Alpine have about 10 kB.
_MAX_LINE = 1 << 20
_MIN_LINE = 2  # the letter and the colon


@dataclass(slots=True)
class ApkRecord:
    """One package; `fields` is keyed by letter (`P` name, `V` version, `o` origin …).

    `files` are paths below the root without a leading `/`. `strange` has the first few lines that
    are no fields. `cut` means that the file ends within the record.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    cut: bool = False

    def get(self, letter: str) -> str:
        """Return a field, or "" if the record lacks it."""
        return self.fields.get(letter, "")


def read_records(data: bytes, where: str) -> Iterator[ApkRecord]:
    """Yield the records in order.

    Raises ImageError, naming `where`, at a limit, after yielding everything within it.
    """
    record, directory, started = ApkRecord(), "", False
    records = files = characters = 0
    # Not split: a file of line feeds would give a hundred million objects.
    for raw in io.BytesIO(data):
        line = raw.rstrip(b"\n")
        if not line:
            if started:
                yield record
            record, directory, started = ApkRecord(), "", False
            continue
        if not started:
            started = True
            records += 1
            if records > MAX_RECORDS:
                msg = f"{where}: more than {MAX_RECORDS} packages; the rest is passed over"
                raise ImageError(msg)
        if len(line) < _MIN_LINE or line[1:2] != b":" or len(line) > _MAX_LINE:
            if len(record.strange) < 3:  # noqa: PLR2004 — enough to see what is wrong
                record.strange.append(line[:80].decode("utf-8", "backslashreplace"))
            continue
        # In file names every byte counts.
        letter, value = (
            line[:1].decode("latin-1"),
            line[2:].decode("utf-8", "surrogateescape"),
        )
        match letter:
            case "F":
                directory = value
            case "R":
                files += 1
                characters += len(directory) + len(value) + 1
                # Beyond the limit, packages are still read.
                if files <= MAX_FILES and characters <= MAX_PATHS:
                    record.files.append(f"{directory}/{value}" if directory else value)
            case "M" | "a" | "Z":
                pass
            case _:
                record.fields.setdefault(letter, printable(value))
    if started:
        record.cut = True
        yield record
    if files > MAX_FILES or characters > MAX_PATHS:
        msg = (
            f"{where}: more than {MAX_FILES} files, or {MAX_PATHS} characters of their paths;"
            " further files are passed over"
        )
        raise ImageError(msg)
