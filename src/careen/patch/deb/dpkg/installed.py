"""Versions of Debian packages, installed in an image or offered by an archive."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from careen.errors import ImageError
from careen.formats.dpkg_status import MAX_STATUS, Paragraph, split_status
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

STATUS = "/var/lib/dpkg/status"
STATUS_D = "/var/lib/dpkg/status.d"
ALL = "all"

_INSTALLED = frozenset({"installed", "triggers-awaited", "triggers-pending"})

Key = tuple[str, str]
"""Name and architecture, which identify an installed package."""


@dataclass(frozen=True, slots=True)
class DebPackage:
    """One version of a package.

    `source` and `source_version` name the source package. `record` is the file of the image that
    lists the package, "" for an offered version. `held` is dpkg's hold selection.
    """

    name: str
    version: str
    architecture: str
    source: str
    source_version: str
    paragraph: Paragraph
    record: str = ""
    held: bool = False

    @property
    def key(self) -> Key:
        return (self.name, self.architecture)

    def get(self, field: str) -> str:
        """Return a field of the control file, "" if it is missing."""
        return self.paragraph.get(field)


def deb_package(paragraph: Paragraph, record: str = "") -> DebPackage | None:
    """Return the package of a paragraph, None without a valid name and a version."""
    name, version = paragraph.get("Package"), paragraph.get("Version")
    if not name or not version or "/" in name:
        return None
    # `Source: glibc (2.41-12)` has a version of its own.
    source, _, rest = paragraph.get("Source").partition("(")
    return DebPackage(
        name,
        version,
        paragraph.get("Architecture"),
        source.strip() or name,
        rest.rstrip(") ").strip() or version,
        paragraph,
        record,
        held=paragraph.get("Status").startswith("hold "),
    )


def read_installed(rootfs: Rootfs) -> Mapping[Key, DebPackage]:
    """Return the installed packages by dpkg's status file and `status.d`.

    Raises ImageError for a file that cannot be read.
    """
    out: dict[Key, DebPackage] = {}
    for path in _records(rootfs):
        for paragraph in split_status(rootfs.read(path, MAX_STATUS), path):
            state = (paragraph.get("Status").split() or ["installed"])[-1]
            package = deb_package(paragraph, path)
            if package is not None and state in _INSTALLED:
                out[package.key] = package
    return out


def _records(rootfs: Rootfs) -> Iterable[ImagePath]:
    status = rootfs.find(STATUS)
    if status is not None and status.is_file:
        yield status.path
    directory = rootfs.find(STATUS_D)
    for path in rootfs.children(directory.path) if directory is not None else ():
        if rootfs[path].is_file and not path.endswith(".md5sums"):
            yield path


def native_architecture(packages: Iterable[DebPackage]) -> str:
    """Return the most common architecture of the packages, "" if all are `all`."""
    counted = Counter(
        package.architecture for package in packages if package.architecture not in ("", ALL)
    )
    return max(sorted(counted), key=lambda name: counted[name]) if counted else ""


def called(key: Key, native: str) -> str:
    """Return the name that apt and dpkg use, with the architecture if it is foreign."""
    name, architecture = key
    return name if architecture in ("", ALL, native) else f"{name}:{architecture}"


def parse_paragraphs(text: str) -> tuple[DebPackage, ...]:
    """Parse the output of `apt-cache show`; return nothing if it cannot be parsed."""
    try:
        paragraphs = split_status(text.encode("utf-8", "surrogateescape"), "apt-cache show")
    except ImageError:
        return ()
    return tuple(package for package in map(deb_package, paragraphs) if package is not None)
