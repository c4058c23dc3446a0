"""Finder of Node packages: package.json with name and version, and yarn's archives.

A package directly in `node_modules` is installed. So is one elsewhere: an application, or a
distribution's in `/usr/share/nodejs`. One deeper inside an installed package, or inside a Python
distribution, is embedded. Linked packages (pnpm, workspaces) are found once, at their real path.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from careen.errors import ImageError
from careen.formats.identity import is_plain
from careen.formats.zip_reader import ZipArchive, ZipBudget
from careen.inventory.allowance import Allowance
from careen.inventory.node.locks import LOCK_FILES, MAX_LOCK, locked
from careen.inventory.node.manifest import MAX_MANIFEST, NodeManifest, read_manifest
from careen.inventory.port import Found
from careen.inventory.unknowns import Unknowns
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath, join, parent
from careen.oci.tree.rootfs import Rootfs

_MANIFEST = "/package.json"
_MODULES = "/node_modules/"
_ROOT = re.compile(r".*/node_modules/((?:@[^/]+/)?[^/@.][^/]*)\Z", re.DOTALL)
_CACHED = re.compile(r"node_modules/(?:@[^/]+/)?[^/]+/package\.json\Z")
_PYTHON = ("/site-packages/", "/dist-packages/")
_SHARED_DIRECTORIES = frozenset(
    {
        "/",
        "/bin",
        "/etc",
        "/home",
        "/lib",
        "/mnt",
        "/opt",
        "/srv",
        "/tmp",  # noqa: S108
        "/usr",
        "/usr/bin",
        "/usr/lib",
        "/usr/local",
        "/usr/local/bin",
        "/usr/local/lib",
    }
    | {"/usr/local/share", "/usr/share", "/var", "/var/lib", "/var/opt", "/var/www"}
)
"""Directories that belong to no package; a package.json in one owns only itself."""


def find(rootfs: Rootfs) -> Found:
    """Return the packages; `files` are a package's tree without nested `node_modules`.

    `record` is its package.json, or yarn's archive. Packages that a lock file declares and the
    image lacks are counted in an Unknown: a bundler may have put them into other files.
    """
    return _Node(rootfs).find()


@dataclass(frozen=True, slots=True)
class _Place:
    """The path of a package.json and its `directory`.

    `around` is the installed package that contains it more deeply, or None.
    """

    path: ImagePath
    directory: ImagePath
    around: ImagePath | None
    installed: bool


class _Node:
    """One pass over an image."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._unknowns = Unknowns()
        self._allowance = Allowance(rootfs)
        self._budget = ZipBudget(run=rootfs.budget)

    def find(self) -> Found:
        manifests: dict[ImagePath, NodeManifest] = {}
        places: list[_Place] = []
        locks: list[Entry] = []
        archived: list[Package] = []
        for entry in self._rootfs:
            if not entry.is_file:
                continue
            path = entry.path
            if path.endswith(_MANIFEST):
                place = _place(path)
                manifest = self._manifest(entry, place)
                if manifest is not None:
                    manifests[place.directory] = manifest
                    places.append(place)
            elif path.endswith(".zip") and "/.yarn/" in path:
                archived.extend(self._archive(path))
            elif path.rpartition("/")[2] in LOCK_FILES and _MODULES not in path:
                locks.append(entry)
        packages = [
            package for place in places if (package := self._package(place, manifests)) is not None
        ]
        self._declared_only(locks, [*packages, *archived])
        return Found((*packages, *archived), self._unknowns.all())

    def _manifest(self, entry: Entry, place: _Place) -> NodeManifest | None:
        try:
            found = read_manifest(self._allowance.read(entry.path, MAX_MANIFEST), entry.path)
            if found is not None:
                self._allowance.package(entry.path)
        except ImageError as error:
            self._unknowns.add(entry.path, error)
            return None
        if found is None and place.installed:
            self._unknowns.add(entry.path, "an installed package that states no name or no version")
        return found

    def _package(self, place: _Place, manifests: dict[ImagePath, NodeManifest]) -> Package | None:
        manifest = manifests[place.directory]
        host = manifests.get(place.around) if place.around is not None else None
        # Builds leave a copy of the package's own package.json in dist/.
        if host is not None and (host.name, host.version) == (manifest.name, manifest.version):
            return None
        try:
            files = tuple(self._allowance.counted(self._own(place.directory), place.path))
        except ImageError as error:
            self._unknowns.add(place.path, error)
            files = (place.path,)
        embedded = place.around is not None or any(part in place.path for part in _PYTHON)
        return Package(
            ecosystem=Ecosystem.NPM,
            name=manifest.name,
            version=manifest.version,
            purl=manifest.purl,
            record=place.path,
            files=files,
            metadata=(place.path,),
            depends=manifest.depends,
            presence=Presence.EMBEDDED if embedded else Presence.INSTALLED,
            evidence=_evidence(place, embedded=embedded),
            licence=manifest.licence,
        )

    def _own(self, directory: ImagePath) -> Iterator[ImagePath]:
        """Yield the files below a package's directory, except those in its `node_modules`."""
        if directory in _SHARED_DIRECTORIES:
            yield join(directory, "package.json")
            return
        todo = [directory]
        while todo:
            for path in self._rootfs.children(todo.pop()):
                if not self._rootfs[path].is_dir:
                    yield path
                elif not path.endswith("/node_modules"):
                    todo.append(path)

    def _archive(self, path: ImagePath) -> Iterator[Package]:
        """Yield the package of one of yarn's archives, which run without being unpacked.

        They are named `.yarn/cache/name-npm-1.0.0-hash.zip`.
        """
        try:
            with (
                self._rootfs.open(path) as stream,
                ZipArchive(stream, path, budget=self._budget) as archive,
            ):
                names = [name for name in archive.names() if _CACHED.match(name)]
                found = [
                    read_manifest(archive.read(name, MAX_MANIFEST), f"{path}: {name}")
                    for name in names[:1]
                ]
                self._allowance.package(path)
        except ImageError as error:
            self._unknowns.add(path, error)
            return
        for manifest in found:
            if manifest is not None:
                yield Package(
                    ecosystem=Ecosystem.NPM,
                    name=manifest.name,
                    version=manifest.version,
                    purl=manifest.purl,
                    record=path,
                    files=(path,),
                    depends=manifest.depends,
                    evidence="an archive of yarn's, used without being unpacked",
                    licence=manifest.licence,
                )

    def _declared_only(self, locks: list[Entry], packages: list[Package]) -> None:
        """Report how many packages of each lock file are not installed below its directory."""
        records = sorted((package.record, package.name, package.version) for package in packages)
        for entry in locks:
            base = f"{parent(entry.path).rstrip('/')}/"
            try:
                declared = locked(self._allowance.read(entry.path, MAX_LOCK), entry.path)
                # "0" is the character after "/".
                below = records[
                    bisect_left(records, (base, "", "")) : bisect_left(
                        records, (f"{base[:-1]}0", "", "")
                    )
                ]
                self._allowance.take(len(below), entry.path)
            except ImageError as error:
                self._unknowns.add(entry.path, error)
                continue
            absent = sorted(declared - {(name, version) for _, name, version in below})
            if absent:
                named = ", ".join(
                    f"{name}@{version}"
                    for name, version in absent[:3]
                    if is_plain(name) and is_plain(version)
                )
                self._unknowns.add(
                    entry.path,
                    f"declares {len(declared)} packages, {len(absent)} of which are not installed"
                    f" below {base} ({named}, …): they are not counted, and whether a bundler put"
                    " them into other files cannot be told",
                )


def _place(path: ImagePath) -> _Place:
    directory = ImagePath(path.removesuffix(_MANIFEST) or "/")
    head, modules, tail = directory.rpartition(_MODULES)
    if not modules:
        return _Place(path, directory, None, installed=False)
    depth = 2 if tail.startswith("@") else 1
    parts = tail.split("/")
    around = ImagePath(f"{head}{modules}{'/'.join(parts[:depth])}")
    return _Place(
        path,
        directory,
        None if around == directory else around,
        installed=_ROOT.match(directory) is not None,
    )


def _evidence(place: _Place, *, embedded: bool) -> str:
    if place.around is not None:
        return f"package.json inside {place.around}"
    if embedded:
        return "package.json inside a Python distribution"
    return (
        ""
        if place.installed
        else "package.json outside of node_modules: an application, or installed without npm"
    )
