"""The paths of each Debian package, from dpkg's info directory and diversions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from careen.errors import ImageError
from careen.inventory.allowance import Allowance
from careen.inventory.python.byte_code import ByteCode
from careen.model.packages.package import Unknown
from careen.model.paths import ImagePath
from careen.oci.tree.real_paths import RealPaths
from careen.oci.tree.rootfs import Rootfs

INFO = "/var/lib/dpkg/info"
DIVERSIONS = "/var/lib/dpkg/diversions"

_MAX_LIST = 64 << 20
_MAX_DIVERSIONS = 4 << 20
_LINES_PER_DIVERSION = 3
_EVERYONE = ":"  # dpkg's mark of an administrator's diversion, which holds for every package


@dataclass(frozen=True, slots=True)
class Diversion:
    """A diversion (dpkg-divert(1)): files of other packages than `package` lie at `to` instead."""

    to: ImagePath
    package: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The existing paths of one package: its files with byte code, and its database files."""

    files: tuple[ImagePath, ...]
    metadata: tuple[ImagePath, ...]


def read_diversions(
    rootfs: Rootfs, real: RealPaths, unknowns: list[Unknown]
) -> Mapping[ImagePath, Diversion]:
    """Return dpkg's diversions by original path."""
    entry = rootfs.find(DIVERSIONS)
    if entry is None or not entry.is_file:
        return {}
    try:
        lines = (
            rootfs.read(entry.path, _MAX_DIVERSIONS).decode("utf-8", "surrogateescape").splitlines()
        )
    except ImageError as error:
        unknowns.append(Unknown(entry.path, str(error)))
        return {}
    if len(lines) % _LINES_PER_DIVERSION:
        unknowns.append(Unknown(entry.path, f"{len(lines)} lines, expected a multiple of three"))
    out: dict[ImagePath, Diversion] = {}
    for original, to, package in zip(lines[0::3], lines[1::3], lines[2::3], strict=False):
        source, target = real.place(original), real.place(to)
        if source is not None and target is not None:
            out[source] = Diversion(target, package)
    return out


class DpkgFiles:
    """The info directory, indexed once.

    Methods raise ImageError if the image lists too many paths.
    """

    def __init__(
        self,
        rootfs: Rootfs,
        real: RealPaths,
        diversions: Mapping[ImagePath, Diversion],
        unknowns: list[Unknown],
    ) -> None:
        self._rootfs = rootfs
        self._real = real
        self._diversions = diversions
        self._unknowns = unknowns
        self._allowance = Allowance(rootfs)
        self._byte_code = ByteCode(rootfs, self._allowance)
        self._info: dict[str, list[ImagePath]] = {}
        directory = rootfs.find(INFO)
        for path in rootfs.children(directory.path) if directory is not None else ():
            self._info.setdefault(path.rpartition("/")[2].rpartition(".")[0], []).append(path)

    def of(self, name: str, architecture: str) -> Listed:
        """Return the paths of the package `name`."""
        # Packages that can be installed for several architectures have info files
        # `name:architecture.*`.
        metadata = tuple(
            sorted([*self._info.get(name, ()), *self._info.get(f"{name}:{architecture}", ())])
        )
        listing = next((path for path in metadata if path.endswith(".list")), None)
        if listing is None:
            self._unknowns.append(
                Unknown(ImagePath(f"{INFO}/{name}.list"), f"package {name} has no file list")
            )
            return Listed((), metadata)
        return Listed(self._present(self._lines(listing), name, listing), metadata)

    def single(self, record: ImagePath) -> Listed:
        """Return the paths of the package of a `status.d` file, from its md5sums, the only list."""
        sums = ImagePath(f"{record}.md5sums")
        if sums not in self._rootfs:
            self._unknowns.append(Unknown(record, "the package has no file list"))
            return Listed((), (record,))
        pairs = (line.split(None, 1) for line in self._lines(sums))
        # Two fields: checksum and path.
        paths = ["/" + pair[1].removeprefix("./").lstrip("/") for pair in pairs if len(pair) == 2]  # noqa: PLR2004
        return Listed(self._present(paths, record.rpartition("/")[2], sums), (record, sums))

    def without_record(self, recorded: Iterable[str]) -> tuple[str, ...]:
        """Return the packages that have a file list but are not in `recorded`."""
        known = set(recorded)
        listed = (
            name
            for name, paths in self._info.items()
            if any(path.endswith(".list") for path in paths)
        )
        return tuple(
            dict.fromkeys(name for full in listed if (name := full.partition(":")[0]) not in known)
        )

    def licences(self, name: str) -> tuple[ImagePath, ...]:
        """Return the copyright file of a package and every link on the way to it."""
        walk = self._rootfs.walk(f"/usr/share/doc/{name}/copyright")
        if walk.final is None or not walk.final.is_file:
            return ()
        return (
            *(link for link in walk.links if link.startswith("/usr/share/doc/")),
            walk.final.path,
        )

    def _lines(self, path: ImagePath) -> list[str]:
        try:
            return (
                self._allowance.read(path, _MAX_LIST).decode("utf-8", "surrogateescape").split("\n")
            )
        except ImageError as error:
            self._unknowns.append(Unknown(path, str(error)))
            return []

    def _present(
        self, lines: Iterable[str], package: str, where: ImagePath
    ) -> tuple[ImagePath, ...]:
        """Return the listed paths that exist, without directories, with byte code."""
        listed = [line for line in lines if line.startswith("/")]
        # A path above another listed one is the package's directory, even if the image has a link
        # there (`/lib`).
        directories = {line.rpartition("/")[0] for line in listed}
        out: dict[ImagePath, None] = {}
        for line in self._allowance.counted(listed, where):
            if line in directories:
                continue
            path = self._real.place(line)
            if path is None:
                continue
            diversion = self._diversions.get(path)
            if diversion is not None and (
                diversion.package == _EVERYONE or diversion.package != package
            ):
                path = diversion.to
            entry = self._rootfs.get(path)
            if entry is not None and not entry.is_dir:
                out[entry.path] = None
        return self._byte_code.added_to(out, where)
