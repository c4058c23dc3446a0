"""Records of conda packages: `conda-meta/NAME-VERSION-BUILD.json` of a prefix."""

import re
from collections.abc import Mapping
from typing import Any

from careen.errors import ImageError
from careen.formats.json_document import items, parse_object

DIRECTORY = "conda-meta"
MAX_RECORD = 64 << 20  # conda's largest, of 60,000 files with their checksums, has about 20 MB
# Arrays and objects in a record: 30 MB of `[[],[],…` become a gigabyte of objects.
MAX_CONTAINERS = 1_000_000
MAX_COMMAS = 4_000_000
_SPECIFICATION = re.compile(r"[\s=<>!~\[]")


def is_record(path: str) -> bool:
    """Return whether a path is a record's."""
    # `history`, `state`, `pinned` and others lie beside the records.
    directory, _, name = path.rpartition("/")
    return name.endswith(".json") and name.count("-") > 1 and directory.endswith(f"/{DIRECTORY}")


def parse_record(data: bytes, where: str) -> Mapping[str, Any]:
    """Parse a record of at most `MAX_RECORD` bytes. Raises ImageError."""
    if data.count(b"{") + data.count(b"[") > MAX_CONTAINERS or data.count(b",") > MAX_COMMAS:
        msg = (
            f"{where}: more than {MAX_CONTAINERS} arrays and objects, or {MAX_COMMAS} commas, in a"
            " conda record"
        )
        raise ImageError(msg)
    return parse_object(data, where, ImageError)


def files_of(record: Mapping[str, Any]) -> list[str]:
    """Return the files that a record lists, relative to its prefix."""
    return [file for file in items(record.get("files")) if isinstance(file, str)]


def depends_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return `("python", "libgcc-ng")` for `["python >=3.11,<3.12.0a0", "libgcc-ng"]`."""
    names = (
        _SPECIFICATION.split(word.strip(), maxsplit=1)[0].rpartition("::")[2]
        for word in items(record.get("depends"))
        if isinstance(word, str)
    )
    return tuple(dict.fromkeys(name for name in names if name and not name.startswith("__")))
