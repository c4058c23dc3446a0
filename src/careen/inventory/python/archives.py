"""Finder of Python distributions in archives (wheels, zip applications, eggs), and unpacked eggs.

Contents of a wheel are embedded, since it waits to be installed (`ensurepip`, a wheel house). An
egg is installed, since it goes on the path as it is.
"""

import re
from collections.abc import Iterator

from packageurl import PackageURL
from packaging.utils import canonicalize_name

from careen.errors import ImageError
from careen.formats.identity import check_identity, shown
from careen.formats.python_metadata import (
    ARCHIVES,
    PythonMetadata,
    egg_requirements,
    read_metadata,
    unconditional,
)
from careen.formats.python_vendor_list import (
    MAX_LIST,
    VENDOR_LISTS,
    is_vendor_directory,
    module_paths,
    read_vendor_list,
)
from careen.formats.zip_reader import ZipArchive, ZipBudget
from careen.inventory.allowance import Allowance
from careen.inventory.port import Found
from careen.inventory.unknowns import Unknowns
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath, join
from careen.oci.tree.rootfs import Rootfs

_METADATA_LIMIT = 4 << 20
_LIST_LIMIT = 1 << 20
_MAX_INSIDE = 2000  # distributions per archive
_MAX_LISTS = 20
_INSIDE = re.compile(
    r"(?:.*/)?(?:[^/]+\.dist-info/METADATA|[^/]+\.egg-info/PKG-INFO|EGG-INFO/PKG-INFO)\Z", re.DOTALL
)
_EGG = "EGG-INFO/PKG-INFO"


def find(rootfs: Rootfs) -> Found:
    """Return the distributions.

    `record` and `files` of an archived one are the archive; those of an unpacked egg are its
    PKG-INFO and all of its files.
    """
    return _Archives(rootfs).find()


class _Archives:
    """One pass over an image."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._unknowns = Unknowns()
        self._allowance = Allowance(rootfs)
        self._budget = ZipBudget(run=rootfs.budget)

    def find(self) -> Found:
        packages: list[Package] = []
        for entry in self._rootfs:
            if not entry.path.endswith(ARCHIVES):
                continue
            try:
                packages.extend(
                    self._unpacked_egg(entry)
                    if entry.is_dir
                    else self._archive(entry)
                    if entry.is_file
                    else ()
                )
            except ImageError as error:
                self._unknowns.add(entry.path, error)
        return Found(tuple(packages), self._unknowns.all())

    def _unpacked_egg(self, entry: Entry) -> Iterator[Package]:
        record = join(entry.path, "EGG-INFO", "PKG-INFO")
        found = self._rootfs.get(record)
        if not entry.path.endswith(".egg") or found is None or not found.is_file:
            return
        metadata = read_metadata(self._allowance.read(record, _METADATA_LIMIT), record)
        files = tuple(
            self._allowance.counted(
                (each.path for each in self._rootfs.below(entry.path) if not each.is_dir), record
            )
        )
        requires = self._text(join(entry.path, "EGG-INFO", "requires.txt"))
        yield _package(
            metadata,
            record,
            files,
            Presence.INSTALLED,
            "",
            depends=unconditional((*metadata.requires, *egg_requirements(requires)), ""),
            modules=tuple(
                line
                for line in self._text(join(entry.path, "EGG-INFO", "top_level.txt")).split()
                if line.isidentifier()
            ),
        )

    def _text(self, path: ImagePath) -> str:
        entry = self._rootfs.get(path)
        return (
            self._allowance.read(path, _LIST_LIMIT).decode("utf-8", "replace")
            if entry is not None and entry.is_file
            else ""
        )

    def _archive(self, entry: Entry) -> Iterator[Package]:
        path = entry.path
        with (
            self._rootfs.open(path) as stream,
            ZipArchive(stream, path, budget=self._budget) as archive,
        ):
            found = [*self._distributions(archive, path), *self._vendored(archive, path)]
        if not found and path.endswith((".whl", ".egg")):
            msg = f"{path}: holds no METADATA or PKG-INFO that could be read"
            raise ImageError(msg)
        seen: set[str] = set()
        for package in found:
            if package.purl not in seen:
                seen.add(package.purl)
                yield package

    def _distributions(self, archive: ZipArchive, path: ImagePath) -> Iterator[Package]:
        names = [name for name in archive.names() if _INSIDE.match(name)]
        if len(names) > _MAX_INSIDE:
            self._unknowns.add(
                path, f"{len(names)} distributions in one archive; the first {_MAX_INSIDE} are read"
            )
        for name in names[:_MAX_INSIDE]:
            where = f"{path}: {shown(name)}"
            try:
                metadata = read_metadata(archive.read(name, _METADATA_LIMIT), where)
                installed = name == _EGG and path.endswith(".egg")
                yield _package(
                    metadata,
                    path,
                    (path,),
                    Presence.INSTALLED if installed else Presence.EMBEDDED,
                    f"{shown(name)} in {path}",
                )
            except ImageError as error:
                self._unknowns.add(path, error)

    def _vendored(self, archive: ZipArchive, path: ImagePath) -> Iterator[Package]:
        """Yield listed distributions (`_vendor/vendor.txt`) whose module is in the archive."""
        names = archive.names()
        lists = [
            name
            for name in names
            if name.rpartition("/")[2] in VENDOR_LISTS
            and is_vendor_directory(name.rpartition("/")[0])
        ]
        for name in lists[:_MAX_LISTS]:
            base = f"{name.rpartition('/')[0]}/"
            modules = {
                module
                for other in names
                if other.startswith(base)
                for module in _modules(other.removeprefix(base))
            }
            try:
                listed = read_vendor_list(archive.read(name, MAX_LIST))
            except ImageError as error:
                self._unknowns.add(path, error)
                continue
            for distribution, version in listed.items():
                there = [module for module in module_paths(distribution) if module in modules]
                if there:
                    yield _package(
                        PythonMetadata(distribution, version, ()),
                        path,
                        (path,),
                        Presence.EMBEDDED,
                        f"{shown(name)} in {path}",
                        modules=tuple(module.rpartition("/")[2] for module in there),
                    )


def _modules(name: str) -> Iterator[str]:
    """Yield the modules that a file is part of: `a`, `a/b` and `a/b/c` for `a/b/c.py`.

    Deeper ones are left out, as no distribution's name has more than four parts.
    """
    if name.endswith((".py", ".pyc", ".so")):
        parts = name.lower().removesuffix("c").removesuffix(".py").split("/", 4)[:4]
        yield from ("/".join(parts[: end + 1]) for end in range(len(parts)))


def _package(
    metadata: PythonMetadata,
    record: ImagePath,
    files: tuple[ImagePath, ...],
    presence: Presence,
    evidence: str,
    **more: tuple[str, ...],
) -> Package:
    name, version = check_identity(canonicalize_name(metadata.name), metadata.version, record)
    return Package(
        ecosystem=Ecosystem.PYPI,
        name=name,
        version=version,
        purl=PackageURL("pypi", None, name, version).to_string(),
        record=record,
        files=files,
        metadata=(record,),
        depends=more.get("depends", ()),
        modules=more.get("modules", ()),
        presence=presence,
        evidence=evidence,
    )
