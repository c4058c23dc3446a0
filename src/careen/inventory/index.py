"""The index of an image as a file: its paths and packages, without content.

It saves reading gigabytes again, but is not evidence: it holds what `Rootfs` and `Inventory` said
when it was written.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from careen.errors import CareenError, ConfigError, ImageError
from careen.formats.image_object import image_object, read_image
from careen.model.entry import Entry, EntryKind
from careen.model.packages.distribution import Distribution
from careen.model.packages.model_file import ModelFile, ModelFormat
from careen.model.packages.ownership import add_owner
from careen.model.packages.package import Ecosystem, Inventory, Marker, Package, Presence, Unknown
from careen.model.paths import ROOT, ImagePath, image_path
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Content, Rootfs
from careen.tools.read_file import read_file

MAX_INDEX = 1 << 30
FORMAT = "careen.index"
VERSION = 2
_KINDS = tuple(EntryKind)


class _NoContent:
    """Content of an index, which has none."""

    def open(self, entry: Entry) -> BinaryIO:
        msg = f"{entry.path}: only its index is at hand, not the image"
        raise CareenError(msg)


@dataclass(frozen=True, slots=True)
class ImageIndex:
    """The image of an index file, its paths (without content), and its packages."""

    ref: ImageRef
    rootfs: Rootfs
    inventory: Inventory


def write_index(rootfs: Rootfs, inventory: Inventory, ref: ImageRef) -> bytes:
    """Return the index document.

    `entries` are rows of `Entry`. Packages name a path by its row number; numbers continue in
    `others` for paths that the image lacks.
    """
    paths = _Paths([entry.path for entry in rootfs])
    packages = [_package_row(package, paths) for package in inventory.packages.values()]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "image": image_object(ref),
        "kinds": [kind.value for kind in _KINDS],
        "entries": [_entry_row(entry) for entry in rootfs],
        "others": paths.others,
        "packages": packages,
        "unknowns": [[each.path, each.reason] for each in inventory.unknowns],
        "distribution": _distribution_row(inventory.distribution),
        "models": [
            [each.path, each.format.value, each.size, each.facts, each.dangerous, each.problem]
            for each in inventory.models
        ],
        "markers": [[each.path, each.effect] for each in inventory.markers],
    }
    return json.dumps(document, separators=(",", ":")).encode()


def load_index(path: Path) -> ImageIndex:
    """Return the index in a file of `write_index`, at most 1 GiB, or raise ConfigError."""
    return read_index(read_file(path, MAX_INDEX), str(path))


def read_index(data: bytes, where: str, content: Content | None = None) -> ImageIndex:
    """Return the index that `write_index` wrote, or raise ConfigError.

    With `content`, the bytes of files can be read.
    """
    with _told(where):
        document = _parsed(data, where)
        ref = read_image(document["image"], f"{where}: image")
        kinds = tuple(EntryKind(value) for value in document["kinds"])
        entries = {
            entry.path: entry
            for number, row in enumerate(document["entries"])
            for entry in (_entry(row, number, kinds),)
        }
        inventory = _inventory(document, list(entries))
    if ROOT not in entries:
        _fail(where, "it has no root")
    return ImageIndex(
        ref, Rootfs(entries, content if content is not None else _NoContent()), inventory
    )


def read_inventory(data: bytes, where: str) -> tuple[ImageRef, Inventory]:
    """Return the image and the packages of an index, or raise ConfigError.

    Of the paths nothing but their names is read: that takes a third of the time.
    """
    with _told(where):
        document = _parsed(data, where)
        ref = read_image(document["image"], f"{where}: image")
        paths = [image_path(str(row[0]), "entries") for row in document["entries"]]
        return ref, _inventory(document, paths)


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Turn what a document of another form causes into ConfigError."""
    try:
        yield
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
        ImageError,
    ) as error:
        _fail(where, str(error) or type(error).__name__)


def _parsed(data: bytes, where: str) -> Any:
    document = json.loads(data)
    if document["format"] != FORMAT or document["version"] != VERSION:
        _fail(where, "another format or version")
    return document


class _Paths:
    """Paths by number: those of the image first, in its order."""

    def __init__(self, known: Sequence[ImagePath]) -> None:
        self._numbers = {path: number for number, path in enumerate(known)}
        self.others: list[ImagePath] = []

    def number(self, path: ImagePath) -> int:
        known = self._numbers.get(path)
        if known is None:
            known = self._numbers[path] = len(self._numbers)
            self.others.append(path)
        return known

    def numbers(self, paths: Iterable[ImagePath]) -> list[int]:
        return [self.number(path) for path in paths]


def _entry_row(entry: Entry) -> list[Any]:
    row: list[Any] = [
        entry.path,
        _KINDS.index(entry.kind),
        entry.mode,
        entry.uid,
        entry.gid,
        entry.size,
        entry.mtime,
        entry.layer,
        entry.inode,
        entry.target,
    ]
    if entry.device != (0, 0) or entry.xattrs:
        row += [
            *entry.device,
            {name: b64encode(value).decode() for name, value in entry.xattrs.items()},
        ]
    return row


def _entry(row: Any, number: int, kinds: Sequence[EntryKind]) -> Entry:
    raw, kind, mode, uid, gid, size, mtime, layer, inode, target, *rest = row
    path = image_path(str(raw), f"entries[{number}]")
    if min(kind, size, inode) < 0:
        msg = f"entries[{number}]: a negative number"
        raise ValueError(msg)
    entry = Entry(
        path,
        kinds[kind],
        int(mode),
        int(uid),
        int(gid),
        int(size),
        float(mtime),
        int(layer),
        int(inode),
        str(target),
    )
    if not rest:
        return entry
    major, minor, xattrs = rest
    return replace(
        entry,
        device=(int(major), int(minor)),
        xattrs={str(name): b64decode(value) for name, value in xattrs.items()},
    )


def _package_row(package: Package, paths: _Paths) -> list[Any]:
    return [
        package.ecosystem.value,
        package.name,
        package.version,
        package.purl,
        paths.number(package.record),
        paths.numbers(package.files),
        paths.numbers(package.metadata),
        paths.numbers(package.licences),
        package.depends,
        package.provides,
        package.architecture,
        package.source,
        package.modules,
        package.essential,
        package.presence.value,
        package.evidence,
        package.module,
        package.licence,
        package.recommends,
    ]


def _package(row: Any, paths: Sequence[ImagePath]) -> Package:
    (
        ecosystem,
        name,
        version,
        purl,
        record,
        files,
        metadata,
        licences,
        depends,
        provides,
        architecture,
        source,
        modules,
        essential,
        presence,
        *rest,
    ) = row
    evidence, module, licence, recommends = rest
    if min((record, *files, *metadata, *licences)) < 0:
        msg = f"package {purl!r:.80}: a negative number"
        raise ValueError(msg)
    return Package(
        ecosystem=Ecosystem(ecosystem),
        name=str(name),
        version=str(version),
        purl=str(purl),
        record=paths[record],
        files=tuple([paths[number] for number in files]),
        metadata=tuple([paths[number] for number in metadata]),
        licences=tuple([paths[number] for number in licences]),
        depends=_texts(depends),
        provides=_texts(provides),
        architecture=str(architecture),
        source=str(source),
        modules=_texts(modules),
        essential=bool(essential),
        presence=Presence(presence),
        evidence=str(evidence),
        module=str(module),
        licence=str(licence),
        recommends=_texts(recommends),
    )


def _inventory(document: Any, own: Sequence[ImagePath]) -> Inventory:
    """Return the inventory of a document; `own` are the paths of the image."""
    paths = [*own, *(ImagePath(str(raw)) for raw in document["others"])]
    packages: dict[str, Package] = {}
    owners: dict[ImagePath, tuple[str, ...]] = {}
    for row in document["packages"]:
        package = _package(row, paths)
        packages[package.purl] = package
        add_owner(owners, package)
    return Inventory(
        packages,
        owners,
        unknowns=tuple(
            Unknown(ImagePath(str(path)), str(reason)) for path, reason in document["unknowns"]
        ),
        distribution=_distribution(document["distribution"]),
        models=tuple(_model(row) for row in document["models"]),
        markers=tuple(
            Marker(ImagePath(str(path)), str(effect)) for path, effect in document["markers"]
        ),
    )


def _distribution_row(given: Distribution | None) -> list[Any] | None:
    return (
        None
        if given is None
        else [given.id, given.version_id, given.codename, given.like, given.name, given.path]
    )


def _distribution(row: Any) -> Distribution | None:
    if row is None:
        return None
    name, version, codename, like, words, path = row
    return Distribution(str(name), str(version), str(codename), _texts(like), str(words), str(path))


def _model(row: Any) -> ModelFile:
    path, kind, size, facts, dangerous, problem = row
    pairs = tuple((str(name), str(value)) for name, value in facts)
    return ModelFile(
        ImagePath(str(path)), ModelFormat(kind), int(size), pairs, _texts(dangerous), str(problem)
    )


def _texts(values: Any) -> tuple[str, ...]:
    return tuple([str(value) for value in values])


def _fail(where: str, problem: str) -> NoReturn:
    msg = (
        f"{where}: not an index that careen wrote ({problem}); run `careen harden` again, or name"
        " another --report-dir"
    )
    raise ConfigError(msg)
