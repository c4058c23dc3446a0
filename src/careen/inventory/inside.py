"""Finder of packages and models inside programs, libraries and model files.

One walk over the image opens each file once; its first bytes decide which reader gets it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from careen.errors import BudgetError, CareenError
from careen.formats.elf.file import ElfFile
from careen.formats.elf.program import Unreadable
from careen.formats.elf.sections import elf_tables
from careen.formats.zip_reader import ZipBudget
from careen.inventory.cargo_audit import cargo_packages
from careen.inventory.go.find import go_packages
from careen.inventory.inside_budget import SearchBudget
from careen.inventory.models.find import ModelReader, Reader
from careen.inventory.natives import native_packages
from careen.inventory.port import Found
from careen.inventory.runtime_files import MAX_FILE, runtime_file
from careen.inventory.runtime_files import names as runtime_names
from careen.inventory.search_memory import SearchMemory
from careen.model.entry import Entry
from careen.model.machines import MAGIC as ELF
from careen.model.packages.model_file import ModelFile
from careen.model.packages.package import Inventory, Package, Unknown
from careen.model.paths import ImagePath, name
from careen.oci.tree.rootfs import Rootfs

HEAD = 512  # bytes of each file that decide which reader gets it
_MIN_SIZE = 8  # the start of a pickled program takes 20 bytes
_OF_A_DISTRIBUTION = ("pkg:deb/", "pkg:rpm/", "pkg:apk/", "pkg:conda/")
_PACKED = b"UPX!"


class SearchStoppedError(Exception):
    """The caller wants no answer any more."""


def always() -> bool:
    """Return True."""
    return True


@dataclass(slots=True)
class _Search:
    """A search of one image, with its limits.

    `notes` takes what is found, `known` has what was found in an image that this was made from.
    """

    rootfs: Rootfs
    reader: ModelReader
    notes: SearchMemory | None
    known: SearchMemory | None
    budget: SearchBudget = field(default_factory=SearchBudget)


def find(
    rootfs: Rootfs,
    known: Inventory,
    memory: SearchMemory | None = None,
    goes_on: Callable[[], bool] = always,
) -> Found:
    """Return the contents of the files of `rootfs`; `known` has their owners.

    A package in several files is listed once, with all of them as `files` and the first as
    `record`. Native libraries and runtimes are searched for only in files that no distribution
    package owns: an owned file has its package's version. Go and Rust modules are searched for in
    all. `memory` is filled if it is of this image, else its answers are used. Raises
    SearchStoppedError if `goes_on` says so.
    """
    packages: dict[str, Package] = {}
    holders: dict[str, list[ImagePath]] = {}
    unknowns: list[Unknown] = []
    models: list[ModelFile] = []
    own = memory is not None and memory.is_of(rootfs)
    notes, of_another = (memory, None) if own else (None, memory)
    search = _Search(rootfs, ModelReader(ZipBudget(run=rootfs.budget)), notes, of_another)
    for entry in _each_once(rootfs):
        if not goes_on():
            raise SearchStoppedError
        try:
            found = _look(search, entry, is_owned=_is_owned(known, entry.path))
        except BudgetError:
            raise
        except CareenError as error:
            found = Found(unknowns=(Unknown(entry.path, str(error)),))
        unknowns.extend(found.unknowns)
        models.extend(found.models)
        for package in found.packages:
            packages.setdefault(package.purl, package)
            paths = holders.setdefault(package.purl, [])
            paths.extend(path for path in package.files if path not in paths[-2:])
    return Found(
        tuple(replace(package, files=tuple(holders[purl])) for purl, package in packages.items()),
        tuple(unknowns),
        tuple(models),
    )


def _each_once(rootfs: Rootfs) -> Iterator[Entry]:
    seen: set[int] = set()
    for entry in rootfs:
        if entry.is_file and entry.size >= _MIN_SIZE and entry.inode not in seen:
            seen.add(entry.inode)
            yield entry


def _is_owned(known: Inventory, path: ImagePath) -> bool:
    return any(purl.startswith(_OF_A_DISTRIBUTION) for purl in known.owners.get(path, ()))


def _look(search: _Search, entry: Entry, *, is_owned: bool) -> Found:
    rootfs, notes, path = search.rootfs, search.notes, entry.path
    if not is_owned and entry.size <= MAX_FILE and name(entry.path) in runtime_names():
        text = rootfs.read(entry.path, MAX_FILE).decode("utf-8", "replace")
        package = runtime_file(rootfs, entry, text)
        return Found((package,)) if package is not None else Found()
    extents = rootfs.extents(path)
    if search.known is not None and extents is not None:
        recalled = search.known.recall(path, extents, search.budget, is_owned=is_owned)
        if recalled is not None:
            return recalled
    head = extents.read_at(0, HEAD) if extents is not None else rootfs.head(path, HEAD)
    if head.startswith(ELF):
        before = replace(search.budget)
        with rootfs.open(path) as stream:
            found = _inside_elf(entry, stream, head, search.budget, is_owned=is_owned)
        if notes is not None and extents is not None:
            notes.note_program(path, extents, found, (before, search.budget), is_owned=is_owned)
        return found
    if (read := search.reader.reader_of(entry, head)) is not None:
        return _model(rootfs, entry, read)  # it takes from limits of all models
    if notes is not None and extents is not None:
        notes.note_other(path, extents)
    return Found()


def _model(rootfs: Rootfs, entry: Entry, read: Reader) -> Found:
    with rootfs.open(entry.path) as stream:
        model = read(stream)
    return Found(models=(model,)) if model is not None else Found()


def _inside_elf(
    entry: Entry, stream: BinaryIO, head: bytes, budget: SearchBudget, *, is_owned: bool
) -> Found:
    tables = elf_tables(stream, entry.size)
    if isinstance(tables, Unreadable):
        return Found(
            unknowns=(
                Unknown(entry.path, f"an ELF file that cannot be looked into: {tables.reason}"),
            )
        )
    if _PACKED in head:
        return Found(
            unknowns=(Unknown(entry.path, "packed with UPX: what is inside is not known"),)
        )
    elf = ElfFile(entry.path, stream, tables)
    found = [go_packages(elf), cargo_packages(elf, budget)]
    if not is_owned:
        found.append(native_packages(elf, budget))
    return Found(
        tuple(item for part in found for item in part.packages),
        tuple(item for part in found for item in part.unknowns),
    )
