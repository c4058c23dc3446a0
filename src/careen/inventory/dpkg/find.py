"""Finder of Debian packages: dpkg's status file and info directory.

Images built without dpkg (distroless) have `status.d` instead.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from packageurl import PackageURL

from careen.errors import ImageError
from careen.formats.dpkg_status import MAX_STATUS, Paragraph, split_status
from careen.inventory.dpkg.files import INFO, DpkgFiles, read_diversions
from careen.inventory.dpkg.relations import names, relation_groups
from careen.inventory.os_release import purl_qualifier, read_distribution
from careen.inventory.port import Found
from careen.inventory.python.installed_files import qualified
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Package, Unknown
from careen.model.paths import ImagePath
from careen.oci.tree.real_paths import RealPaths
from careen.oci.tree.rootfs import Rootfs

STATUS = "/var/lib/dpkg/status"
STATUS_D = "/var/lib/dpkg/status.d"

_INSTALLED = frozenset({"installed", "triggers-awaited", "triggers-pending"})
_ABSENT = frozenset({"not-installed", "config-files"})


@dataclass(frozen=True, slots=True)
class _Record:
    """A paragraph and its file; `single` means a file of status.d, without a Status field."""

    paragraph: Paragraph
    path: ImagePath
    single: bool


def find(rootfs: Rootfs) -> Found:
    """Return installed packages, and incompletely installed ones that have files.

    The latter (half-installed, unpacked …) also give an Unknown. `files` are what the package
    lists, without directories, resolved through merged-/usr links and diversions.
    """
    unknowns: list[Unknown] = []
    records = [*_status_records(rootfs, unknowns), *_status_d_records(rootfs, unknowns)]
    if not records and not unknowns and ImagePath(STATUS) in rootfs:
        unknowns.append(Unknown(ImagePath(STATUS), "dpkg's list of packages is empty"))
    if not records and rootfs.find(INFO) is None:
        return Found((), tuple(unknowns))
    real = RealPaths(rootfs)
    files = DpkgFiles(rootfs, real, read_diversions(rootfs, real, unknowns), unknowns)
    release = read_distribution(rootfs)
    packages: list[Package] = []
    for record in records:
        try:
            package = _package(record, files, release, unknowns)
        except ImageError as error:
            unknowns.append(Unknown(record.path, str(error)))
            continue
        if package is not None:
            packages.append(package)
    if lost := files.without_record(record.paragraph.get("Package") for record in records):
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        unknowns.append(
            Unknown(
                ImagePath(STATUS),
                f"no record of {lost[0]!r}{more}, of which dpkg's info directory has file lists:"
                " status was cut or edited",
            )
        )
    return Found(tuple(packages), tuple(unknowns))


def _status_records(rootfs: Rootfs, unknowns: list[Unknown]) -> Iterator[_Record]:
    entry = rootfs.find(STATUS)
    if entry is not None and entry.is_file:
        yield from _read_records(rootfs, entry.path, unknowns, single=False)
    elif ImagePath(STATUS) in rootfs:
        unknowns.append(Unknown(ImagePath(STATUS), "dpkg's list of packages is no regular file"))


def _status_d_records(rootfs: Rootfs, unknowns: list[Unknown]) -> Iterator[_Record]:
    directory = rootfs.find(STATUS_D)
    if directory is None:
        return
    for path in rootfs.children(directory.path):
        if rootfs[path].is_file and not path.endswith(".md5sums"):
            yield from _read_records(rootfs, path, unknowns, single=True)


def _read_records(
    rootfs: Rootfs, path: ImagePath, unknowns: list[Unknown], *, single: bool
) -> Iterator[_Record]:
    try:
        data = rootfs.read(path, MAX_STATUS)
        paragraphs = split_status(data, path)
    except ImageError as error:
        unknowns.append(Unknown(path, str(error)))
        return
    if not single and data and not data.endswith(b"\n"):
        unknowns.append(Unknown(path, "the file ends within a line: it may have been cut off"))
    for paragraph in paragraphs:
        yield _Record(paragraph, path, single)


def _package(
    record: _Record, files: DpkgFiles, release: Distribution | None, unknowns: list[Unknown]
) -> Package | None:
    fields = record.paragraph
    name, version, architecture = (
        fields.get("Package"),
        fields.get("Version"),
        fields.get("Architecture"),
    )
    state = (
        (fields.get("Status").split() or ["installed"])[-1] if not record.single else "installed"
    )
    if state in _ABSENT:
        return None
    if not name or not version or "/" in name:
        unknowns.append(
            Unknown(
                record.path, f"a package without a usable name and version: {name!r} {version!r}"
            )
        )
        return None
    listed = files.single(record.path) if record.single else files.of(name, architecture)
    if state not in _INSTALLED:
        unknowns.append(
            Unknown(
                record.path,
                f"{name} {version} is {state}, not installed: what it has on disk may be"
                " incomplete",
            )
        )
        if not listed.files:
            return None
    return Package(
        ecosystem=Ecosystem.DEB,
        name=name,
        version=version,
        purl=_purl(name, version, architecture, release),
        record=record.path,
        files=listed.files,
        metadata=listed.metadata,
        licences=files.licences(name),
        depends=relation_groups(f"{fields.get('Pre-Depends')},{fields.get('Depends')}"),
        recommends=relation_groups(f"{fields.get('Recommends')},{fields.get('Suggests')}"),
        provides=names(fields.get("Provides")),
        architecture=architecture,
        source=_source(fields, name, version),
        essential="yes" in (fields.get("Essential"), fields.get("Protected")),
    )


def _purl(name: str, version: str, architecture: str, release: Distribution | None) -> str:
    qualifiers = qualified(arch=architecture, distro=purl_qualifier(release))
    return PackageURL(
        "deb",
        (release.id if release is not None else "") or "debian",
        name,
        version,
        dict(qualifiers),
    ).to_string()


def _source(fields: Paragraph, name: str, version: str) -> str:
    """Return the source package: `Source: glibc (2.41-12)` gives `glibc@2.41-12`.

    Name and version default to the package's own.
    """
    source, _, rest = fields.get("Source").partition("(")
    return f"{source.strip() or name}@{rest.rstrip(') ').strip() or version}"
