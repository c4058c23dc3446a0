"""Files that change what scanners compare an image with: another feed, or claimed packages.

Each is known from the scanner's own code or documentation:

- `rapidfort/curated.json`: Trivy's analyzer of that name and Grype's distro identifiers check only
  that the path exists;
- Ubuntu Pro's status: Trivy's Ubuntu analyzer reads whether `esm-infra` is enabled;
- Red Hat's content manifests: Trivy's content-manifest analyzer;
- SBOMs: Trivy's SBOM analyzer (by suffix), Syft's Bitnami and Docker Hardened Images catalogers (by
  directory).
"""

from collections.abc import Callable, Iterator

from careen.errors import ImageError
from careen.formats.json_document import items, mapping, parse_object
from careen.inventory.os_release import read_distribution
from careen.inventory.port import Found
from careen.inventory.unknowns import Unknowns
from careen.model.packages.package import Marker
from careen.model.paths import ImagePath, parent
from careen.oci.tree.rootfs import Rootfs

RAPIDFORT = "/usr/share/rapidfort/curated.json"
UBUNTU_PRO = "/var/lib/ubuntu-advantage/status.json"
CONTENT_MANIFESTS = "/root/buildinfo/content_manifests"
DOCKER_SBOMS = "/opt/docker/sbom"
SBOM_SUFFIXES = (".spdx", ".spdx.json", ".cdx", ".cdx.json")

MAX_MARKERS = 200  # a directory of SBOMs is one marker; an image can have a million directories
_MAX_STATUS = 4 << 20


def find(rootfs: Rootfs) -> Found:
    """Return a marker for each file, or directory of SBOMs, that misleads a scanner."""
    unknowns = Unknowns()
    found: list[Marker] = []
    for one in (_rapidfort, _ubuntu_pro, _content_manifests, _sboms):
        found.extend(one(rootfs, unknowns))
    if len(found) > MAX_MARKERS:
        unknowns.add(
            found[MAX_MARKERS].path,
            f"and {len(found) - MAX_MARKERS - 1} more places with files that scanners take packages"
            " from",
        )
    return Found((), unknowns.all(), (), tuple(found[:MAX_MARKERS]))


def _rapidfort(rootfs: Rootfs, _: Unknowns) -> Iterator[Marker]:
    if ImagePath(RAPIDFORT) in rootfs:
        yield Marker(
            ImagePath(RAPIDFORT),
            "Trivy and Grype compare the packages with RapidFort's advisories instead of the"
            " distribution's, whatever the file says",
        )


def _ubuntu_pro(rootfs: Rootfs, unknowns: Unknowns) -> Iterator[Marker]:
    entry = rootfs.get(ImagePath(UBUNTU_PRO))
    release = read_distribution(rootfs)
    if entry is None or not entry.is_file or release is None or release.id != "ubuntu":
        return
    try:
        services = items(
            parse_object(rootfs.read(entry.path, _MAX_STATUS), entry.path, ImageError).get(
                "services"
            )
        )
    except ImageError as error:
        unknowns.add(entry.path, error)
        return
    if any(
        mapping(service).get("name") == "esm-infra" and mapping(service).get("status") == "enabled"
        for service in services
    ):
        yield Marker(
            entry.path,
            "Trivy compares the packages with the fixes of Ubuntu Pro (esm-infra), which images"
            " without a subscription do not get",
        )


def _content_manifests(rootfs: Rootfs, _: Unknowns) -> Iterator[Marker]:
    yield from _directories(
        rootfs,
        lambda path: path.endswith(".json") and parent(path) == CONTENT_MANIFESTS,
        "Trivy takes from it which of Red Hat's repositories, and so which advisories, hold for the"
        " packages",
    )


def _sboms(rootfs: Rootfs, _: Unknowns) -> Iterator[Marker]:
    """Yield the markers of SBOMs, except those of wheels (PEP 770), which careen reads."""
    yield from _directories(
        rootfs,
        lambda path: (
            path.startswith("/opt/bitnami/")
            and path.rpartition("/")[2].startswith(".spdx-")
            and path.endswith(".spdx")
        ),
        "Trivy and Syft list the packages that this SBOM claims, and Trivy compares them with"
        " Bitnami's advisories",
    )
    yield from _directories(
        rootfs,
        lambda path: path.startswith(f"{DOCKER_SBOMS}/") and path.endswith(".json"),
        "Syft, and with it Grype, lists the packages that this SBOM claims",
    )
    yield from _directories(
        rootfs,
        lambda path: (
            path.endswith(SBOM_SUFFIXES)
            and ".dist-info/sboms/" not in path
            and not path.startswith(("/opt/bitnami/", f"{DOCKER_SBOMS}/"))
        ),
        "Trivy lists the packages that this SBOM claims as if it had found them",
    )


def _directories(
    rootfs: Rootfs, wanted: Callable[[ImagePath], bool], effect: str
) -> Iterator[Marker]:
    """Yield one marker per directory with such files, at the file itself if there is only one."""
    places: dict[ImagePath, list[ImagePath]] = {}
    for entry in rootfs:
        if entry.is_file and wanted(entry.path):
            places.setdefault(parent(entry.path), []).append(entry.path)
    for directory, files in places.items():
        yield (
            Marker(files[0], effect)
            if len(files) == 1
            else Marker(directory, f"{effect} ({len(files)} files)")
        )
