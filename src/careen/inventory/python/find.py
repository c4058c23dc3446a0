"""Finder of Python distributions: every `*.dist-info` and `*.egg-info` of the image.

They lie in site-packages, dist-packages, environments or vendored. One that a Debian package
installed is listed as well, as importlib.metadata, dpkg and scanners do.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packageurl import PackageURL

from careen.errors import ImageError
from careen.formats.python_metadata import (
    PythonMetadata,
    egg_requirements,
    read_metadata,
    unconditional,
)
from careen.formats.python_record import MAX_RECORD, read_record
from careen.inventory.allowance import Allowance
from careen.inventory.port import Found
from careen.inventory.python.byte_code import ByteCode
from careen.inventory.python.files import PythonFiles, licence_files, site_of, top_level_modules
from careen.inventory.unknowns import Unknowns
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath, join
from careen.oci.tree.rootfs import Rootfs

_METADATA_LIMIT = 4 << 20
_LIST_LIMIT = 16 << 20
_MAX_BAD_PATHS = 5  # Unknowns per RECORD; a million of them say no more
_VERSION = re.compile(r"/python(3\.\d{1,3})/")
_INTERPRETER = re.compile(r"python(3\.\d{1,3})\Z")


@dataclass(frozen=True, slots=True)
class _Distribution:
    """A dist-info or egg-info: `info` is its directory or single file, `main` the metadata file."""

    info: ImagePath
    main: ImagePath

    @property
    def site(self) -> ImagePath:
        return site_of(self.info)

    @property
    def is_single_file(self) -> bool:
        return self.info == self.main


def find(rootfs: Rootfs) -> Found:
    """Return every distribution whose metadata can be read.

    `files` are those of RECORD with their byte code, and the whole dist-info. Without RECORD they
    come from installed-files.txt, else from the modules of top_level.txt, else from the module with
    the distribution's name. `record` is RECORD, or the metadata file without one.
    """
    unknowns = Unknowns()
    reader = _Reader(rootfs, unknowns)
    packages = [
        package
        for entry in rootfs
        if (dist := reader.distribution(entry)) is not None
        and (package := reader.package(dist)) is not None
    ]
    return Found(tuple(packages), unknowns.all())


class _Reader:
    """One pass over an image."""

    def __init__(self, rootfs: Rootfs, unknowns: Unknowns) -> None:
        self._rootfs = rootfs
        self._unknowns = unknowns
        self._files = PythonFiles(rootfs)
        self._allowance = Allowance(rootfs)
        self._byte_code = ByteCode(rootfs, self._allowance)
        self._system_python: str | None = None

    def distribution(self, entry: Entry) -> _Distribution | None:
        path = entry.path
        if not path.endswith((".dist-info", ".egg-info")):
            return None
        if entry.is_file:
            return _Distribution(path, path) if path.endswith(".egg-info") else None
        if not entry.is_dir:
            return None
        main = join(path, "METADATA" if path.endswith(".dist-info") else "PKG-INFO")
        found = self._rootfs.get(main)
        if found is None or not found.is_file:
            self._unknowns.add(path, f"a distribution without {main.rpartition('/')[2]}")
            return None
        return _Distribution(path, main)

    def package(self, dist: _Distribution) -> Package | None:
        try:
            self._allowance.package(dist.main)
            return self._read(
                dist, read_metadata(self._allowance.read(dist.main, _METADATA_LIMIT), dist.main)
            )
        except ImageError as error:
            self._unknowns.add(dist.main, error)
            return None

    def _read(self, dist: _Distribution, metadata: PythonMetadata) -> Package:
        own = (
            (dist.info,)
            if dist.is_single_file
            else tuple(self._allowance.counted(self._files.inside(dist.info), dist.info))
        )
        declared = tuple(
            name
            for line in self._text(dist, "top_level.txt").splitlines()
            if (name := line.strip().partition("/")[0]).isidentifier()
        )
        record = join(dist.info, "RECORD")
        has_record = not dist.is_single_file and record in self._rootfs
        listed = (
            self._recorded(dist, record)
            if has_record
            else self._unrecorded(dist, declared or (metadata.name.replace("-", "_"),))
        )
        files = self._byte_code.added_to([*listed, *own], dist.info)
        return Package(
            ecosystem=Ecosystem.PYPI,
            name=metadata.name,
            version=metadata.version,
            purl=PackageURL("pypi", None, metadata.name, metadata.version).to_string(),
            record=record if has_record else dist.main,
            files=files,
            metadata=own,
            licences=licence_files(files, dist.info),
            depends=self._depends(dist, metadata),
            modules=tuple(dict.fromkeys(declared)) or top_level_modules(dist.site, files),
        )

    def _text(self, dist: _Distribution, name: str) -> str:
        path = join(dist.info, name)
        entry = self._rootfs.get(path)
        if dist.is_single_file or entry is None or not entry.is_file:
            return ""
        try:
            return self._allowance.read(path, _LIST_LIMIT).decode("utf-8", "surrogateescape")
        except ImageError as error:
            self._unknowns.add(path, error)
            return ""

    def _recorded(self, dist: _Distribution, record: ImagePath) -> list[ImagePath]:
        try:
            rows = read_record(self._allowance.read(record, MAX_RECORD), record)
        except ImageError as error:
            self._unknowns.add(record, error)
            return []
        return self._resolved(dist.site, (row.path for row in rows), record)

    def _unrecorded(self, dist: _Distribution, modules: tuple[str, ...]) -> list[ImagePath]:
        installed = self._text(dist, "installed-files.txt").splitlines()
        if installed:
            return self._resolved(dist.info, installed, join(dist.info, "installed-files.txt"))
        found = list(self._allowance.counted(self._files.of_modules(dist.site, modules), dist.info))
        if not found:
            self._unknowns.add(
                dist.info, "the distribution lists neither files nor modules that exist"
            )
        return found

    def _resolved(
        self, base: ImagePath, paths: Iterable[str], record: ImagePath
    ) -> list[ImagePath]:
        out: list[ImagePath] = []
        bad = 0
        for path in self._allowance.counted(paths, record):
            try:
                found = self._files.listed(base, path)
            except ValueError as error:
                bad += 1
                if bad <= _MAX_BAD_PATHS:
                    self._unknowns.add(record, error)
                continue
            if found is not None:
                out.append(found)
        return out

    def _depends(self, dist: _Distribution, metadata: PythonMetadata) -> tuple[str, ...]:
        match = _VERSION.search(f"{dist.site}/")
        python = match.group(1) if match is not None else self._default_python()
        return unconditional(
            (*metadata.requires, *egg_requirements(self._text(dist, "requires.txt"))), python
        )

    def _default_python(self) -> str:
        """Return the version of /usr/bin/python3, which Debian's dist-packages serve, or ""."""
        if self._system_python is None:
            entry = self._rootfs.find("/usr/bin/python3")
            match = _INTERPRETER.search(entry.path) if entry is not None else None
            self._system_python = match.group(1) if match is not None else ""
        return self._system_python
