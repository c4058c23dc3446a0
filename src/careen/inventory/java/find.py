"""Finder of Java artifacts: archives on disk, nested archives, and shaded artifacts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from packageurl import PackageURL

from careen.errors import ImageError
from careen.formats.identity import check_identity
from careen.formats.zip_reader import ZipArchive, ZipBudget
from careen.inventory.allowance import Allowance
from careen.inventory.java.archive import ARCHIVES, CONTAINERS, Component, read_archive
from careen.inventory.java.names import JavaCoordinates, repository_coordinates
from careen.inventory.java.pom import MAX_POM, read_properties
from careen.inventory.port import Found
from careen.inventory.unknowns import Unknowns
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

_REPOSITORY = re.compile(r"/(?:repository|maven-repo|m2)/")
_PROPERTIES = "/pom.properties"
_UNPACKED = re.compile(r"(.*/META-INF/maven/[^/]+/[^/]+)/pom\.properties\Z", re.DOTALL)
_MAX_LINKS = 50_000  # links in repositories that are followed to their archives
_SHOWN = 300


def find(rootfs: Rootfs) -> Found:
    """Return the artifacts; archives on disk are INSTALLED, nested or shaded artifacts EMBEDDED.

    An archive on disk is its own `record` and only file. Artifacts of an unpacked archive's
    pom.properties are INSTALLED, too. `name` is `group:artifact`, or the artifact alone without a
    known group. An archive without a name gives an Unknown.
    """
    unknowns = Unknowns()
    budget = ZipBudget(run=rootfs.budget)
    allowance = Allowance(rootfs)
    linked = _linked(rootfs)
    packages: list[Package] = []
    for entry in rootfs:
        path = entry.path
        if entry.is_file and path.endswith(_PROPERTIES):
            packages.extend(_unpacked(rootfs, path, allowance, unknowns))
        if not entry.is_file or not path.lower().endswith(CONTAINERS) or "/.yarn/" in path:
            continue
        try:
            with rootfs.open(path) as stream, ZipArchive(stream, path, budget=budget) as archive:
                for package in _packages(archive, path, linked, unknowns):
                    allowance.package(path)
                    packages.append(package)
        except ImageError as error:
            # Any other zip file is no Java archive, so its damage is no result.
            if path.lower().endswith(ARCHIVES):
                unknowns.add(path, error)
    return Found(tuple(packages), unknowns.all())


def _packages(
    archive: ZipArchive,
    path: ImagePath,
    linked: Mapping[ImagePath, JavaCoordinates],
    unknowns: Unknowns,
) -> Iterator[Package]:
    """Yield the packages of one archive on disk, each once."""
    seen: set[str] = set()
    known = repository_coordinates(path) or linked.get(path)
    for component in read_archive(
        archive, path.rpartition("/")[2], known, lambda reason: unknowns.add(path, reason)
    ):
        package = _package(component, path)
        if package.purl not in seen:
            seen.add(package.purl)
            yield package


def _unpacked(
    rootfs: Rootfs, path: ImagePath, allowance: Allowance, unknowns: Unknowns
) -> Iterator[Package]:
    """Yield the package of an unpacked archive's pom.properties.

    Servers and Spring Boot's layered images unpack archives. `files` are only those beside the
    record, because its classes are mixed with others'.
    """
    match = _UNPACKED.match(path)
    if match is None:
        return
    try:
        group, artifact, version = read_properties(allowance.read(path, MAX_POM))
        check_identity(group, version, path)
        check_identity(artifact, version, path)
        allowance.package(path)
    except ImageError as error:
        unknowns.add(path, error)
        return
    beside = tuple(
        each for each in rootfs.children(ImagePath(match.group(1))) if rootfs[each].is_file
    )
    package = _package(
        Component(
            JavaCoordinates(
                group, artifact, version, "pom.properties of an archive that was unpacked"
            ),
            "",
            own=True,
        ),
        path,
    )
    yield replace(package, files=beside, metadata=beside)


def _package(component: Component, path: ImagePath) -> Package:
    name = component.name
    evidence = (
        name.evidence if not component.inside else f"{component.inside[:_SHOWN]}: {name.evidence}"
    )
    return Package(
        ecosystem=Ecosystem.MAVEN,
        name=f"{name.group}:{name.artifact}" if name.group else name.artifact,
        version=name.version,
        purl=PackageURL("maven", name.group or None, name.artifact, name.version).to_string(),
        record=path,
        files=(path,),
        presence=Presence.EMBEDDED if component.inside or not component.own else Presence.INSTALLED,
        evidence=evidence if component.own else f"{evidence} (shaded)",
        licence=component.licence,
    )


def _linked(rootfs: Rootfs) -> Mapping[ImagePath, JavaCoordinates]:
    """Return the names that links in a Maven repository give to their archives."""
    # Debian's `/usr/share/maven-repo` consists of such links.
    out: dict[ImagePath, JavaCoordinates] = {}
    count = 0
    for entry in rootfs:
        if (
            not entry.is_symlink
            or not entry.path.endswith(".jar")
            or not _REPOSITORY.search(entry.path)
        ):
            continue
        name = repository_coordinates(entry.path)
        count += 1
        # `debian` stands for whichever version is installed.
        if name is None or name.version == "debian" or count > _MAX_LINKS:
            continue
        final = rootfs.walk(entry.path).final
        if final is not None and final.is_file:
            out.setdefault(final.path, name)
    return out
