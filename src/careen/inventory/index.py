"""The index of an image as a file: paths, kinds, sizes, link targets and owners, so that `careen why` need not read gigabytes again.

A convenience beside the evidence, not evidence: whoever reads it gets what `Rootfs` and `Inventory` said when it was written, without content.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from careen.errors import CareenError, ConfigError
from careen.model.entry import Entry, EntryKind
from careen.model.package import Inventory
from careen.model.paths import ROOT, image_path
from careen.oci.rootfs import Rootfs
from careen.tools.read_file import read_file

MAX_INDEX = 1 << 30
FORMAT = "careen.index"
VERSION = 1
_KINDS = tuple(EntryKind)


class _NoContent:
    """An index has no content to give."""

    def open(self, entry: Entry) -> BinaryIO:
        msg = f"{entry.path}: only its index is at hand, not the image"
        raise CareenError(msg)


@dataclass(frozen=True, slots=True)
class ImageIndex:
    """What the file says: the image's config digest, its paths (content cannot be read), and who owns each."""

    config_digest: str
    rootfs: Rootfs
    inventory: Inventory


def write_index(rootfs: Rootfs, inventory: Inventory, config_digest: str) -> bytes:
    """Return the document: `entries` are `[path, kind, size, target, owners]`, kind and owners as numbers into `kinds` and `purls`."""
    purls = sorted({purl for owners in inventory.owners.values() for purl in owners})
    number = {purl: i for i, purl in enumerate(purls)}
    entries = [
        [entry.path, _KINDS.index(entry.kind), entry.size, entry.target, sorted(number[purl] for purl in inventory.owners.get(entry.path, ()))]
        for entry in rootfs
    ]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "config_digest": config_digest,
        "kinds": [kind.value for kind in _KINDS],
        "purls": purls,
        "entries": entries,
    }
    return json.dumps(document, separators=(",", ":")).encode()


def load_index(path: Path) -> ImageIndex:
    """Read what `write_index` wrote, at most 1 GiB. Raises ConfigError."""
    where = str(path)
    try:
        document = json.loads(read_file(path, MAX_INDEX))
        if document["format"] != FORMAT or document["version"] != VERSION:
            _fail(where, "another format or version")
        kinds = tuple(EntryKind(value) for value in document["kinds"])
        purls = tuple(str(purl) for purl in document["purls"])
        entries = {}
        owners = {}
        for number, item in enumerate(document["entries"]):
            entry, mine = _entry(item, number, kinds)
            entries[entry.path] = entry
            if mine:
                owners[entry.path] = tuple(purls[i] for i in mine)
        digest = str(document["config_digest"])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        _fail(where, str(error) or type(error).__name__)
    if ROOT not in entries:
        _fail(where, "it has no root")
    return ImageIndex(digest, Rootfs(entries, _NoContent()), Inventory({}, owners))


def _entry(item: Any, number: int, kinds: tuple[EntryKind, ...]) -> tuple[Entry, list[int]]:
    raw, kind, size, target, owners = item
    path = image_path(str(raw), f"entries[{number}]")
    return Entry(path, kinds[kind], 0, 0, 0, int(size), 0.0, -1, number, str(target)), list(owners)


def _fail(where: str, problem: str) -> NoReturn:
    msg = f"{where}: not an index that careen wrote ({problem}); run `careen harden` again, or name another --report-dir"
    raise ConfigError(msg)
