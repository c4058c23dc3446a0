"""Finder of components in the SBOMs of wheels (PEP 770), in `*.dist-info/sboms/`.

auditwheel, cargo-cyclonedx and projects' own builds write them.
"""

import re
from collections.abc import Iterator

from packageurl import PackageURL

from careen.errors import ImageError
from careen.formats.identity import MAX_NAME, is_plain, shown
from careen.formats.python_record import MAX_RECORD, read_record
from careen.inventory.allowance import Allowance
from careen.inventory.port import Found
from careen.inventory.python.files import PythonFiles
from careen.inventory.sbom_components import MAX_SBOM, SbomComponent, read_components
from careen.inventory.unknowns import Unknowns
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath, join, name, parent
from careen.oci.tree.rootfs import Rootfs

_SBOM = re.compile(r"(.*/([^/]+)\.dist-info)/sboms/.+\Z", re.DOTALL)
_LIBRARY = re.compile(r"(?:lib)?(.+?)(?:-[0-9a-f]{6,64})?\.so(?:\.[0-9.]+)?\Z")
_NATIVE = re.compile(r".*\.so(?:\.[0-9.]+)?\Z", re.DOTALL)
_ECOSYSTEMS = {ecosystem.value: ecosystem for ecosystem in Ecosystem}
_MAX_PURL = 2048
_NAMED = 5


def find(rootfs: Rootfs) -> Found:
    """Return the components that have a version, EMBEDDED; one without a purl is `generic`.

    `record` is the document. `files` are the document and the component's native libraries: those
    with its name, else all native files of the distribution. An optional component counts only if a
    library has its name.
    """
    return _Sboms(rootfs).find()


class _Sboms:
    """One pass over an image."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._unknowns = Unknowns()
        self._allowance = Allowance(rootfs)
        self._paths = PythonFiles(rootfs)
        self._native: dict[ImagePath, tuple[ImagePath, ...]] = {}

    def find(self) -> Found:
        packages: list[Package] = []
        for entry in self._rootfs:
            match = _SBOM.match(entry.path) if entry.is_file and "/sboms/" in entry.path else None
            if match is None:
                continue
            if not entry.path.endswith(".json"):
                self._unknowns.add(
                    entry.path, "an SBOM that is not JSON; CycloneDX and SPDX 2 in JSON are read"
                )
                continue
            try:
                packages.extend(
                    self._document(entry.path, ImagePath(match.group(1)), match.group(2))
                )
            except ImageError as error:
                self._unknowns.add(entry.path, error)
        return Found(tuple(packages), self._unknowns.all())

    def _document(self, path: ImagePath, info: ImagePath, distribution: str) -> Iterator[Package]:
        seen: set[str] = set()
        unusable: list[str] = []
        for component in read_components(self._allowance.read(path, MAX_SBOM), path):
            purl = _purl(component, distribution)
            if purl is None or (component.optional and not self._called(component, purl, info)):
                unusable.append(component.name)
                continue
            if _is_itself(purl, distribution) or purl.to_string() in seen:
                continue
            seen.add(purl.to_string())
            yield self._package(component, purl, path, info)
        if unusable:
            named = ", ".join(shown(text, 40) for text in unusable[:_NAMED])
            self._unknowns.add(
                path,
                "components without a usable name and version, or optional and nowhere to be seen"
                f" ({len(unusable)}): {named}",
            )

    def _package(
        self, component: SbomComponent, purl: PackageURL, path: ImagePath, info: ImagePath
    ) -> Package:
        files = (*(self._called(component, purl, info) or self._natives(info)), path)
        self._allowance.take(len(files), path)
        ecosystem = _ECOSYSTEMS.get(purl.type, Ecosystem.GENERIC)
        separator = ":" if ecosystem is Ecosystem.MAVEN else "/"
        spaced = purl.namespace and ecosystem in (Ecosystem.NPM, Ecosystem.GOLANG, Ecosystem.MAVEN)
        return Package(
            ecosystem=ecosystem,
            name=f"{purl.namespace}{separator}{purl.name}" if spaced else purl.name,
            version=purl.version or "",
            purl=purl.to_string(),
            record=path,
            files=files,
            metadata=(path,),
            presence=Presence.EMBEDDED,
            evidence=f"stated by the wheel's SBOM {name(path)}",
            licence=component.licence,
        )

    def _called(
        self, component: SbomComponent, purl: PackageURL, info: ImagePath
    ) -> tuple[ImagePath, ...]:
        """Return the native files with a component's name."""
        wanted = {text.lower().removeprefix("lib") for text in (component.name, purl.name)}
        return tuple(
            path
            for path in self._natives(info)
            if (match := _LIBRARY.match(name(path))) and match.group(1).lower() in wanted
        )

    def _natives(self, info: ImagePath) -> tuple[ImagePath, ...]:
        """Return the native files that RECORD lists."""
        if info not in self._native:
            self._native[info] = tuple(self._recorded(info))
        return self._native[info]

    def _recorded(self, info: ImagePath) -> Iterator[ImagePath]:
        record = join(info, "RECORD")
        entry = self._rootfs.get(record)
        if entry is None or not entry.is_file:
            return
        for row in self._allowance.counted(
            read_record(self._allowance.read(record, MAX_RECORD), record), record
        ):
            if _NATIVE.match(row.path):
                try:
                    found = self._paths.listed(parent(info), row.path)
                # The Python finder reports it.
                except ValueError:
                    continue
                if found is not None:
                    yield found


def _purl(component: SbomComponent, distribution: str) -> PackageURL | None:
    """Return the component's own purl, else that of its reference, else a generic one."""
    stated = _read(component.purl)
    if component.purl:
        return stated if stated is not None and stated.version else None
    if not is_plain(component.version, MAX_NAME):
        return None
    referred = _read(component.reference)
    if referred is not None and not _is_itself(referred, distribution):
        return referred._replace(version=component.version, subpath=None)
    return (
        PackageURL("generic", None, component.name.lower(), component.version)
        if is_plain(component.name)
        else None
    )


def _read(text: str) -> PackageURL | None:
    if not text.startswith("pkg:") or not is_plain(text, _MAX_PURL):
        return None
    try:
        purl = PackageURL.from_string(text)
    except ValueError:
        return None
    if not is_plain(purl.name, MAX_NAME) or not is_plain(purl.version or "-", MAX_NAME):
        return None
    qualifiers = purl.qualifiers if isinstance(purl.qualifiers, dict) else {}
    # `file:` qualifiers are paths on the builder's machine.
    return purl._replace(
        qualifiers={
            key: value for key, value in qualifiers.items() if not value.startswith("file:")
        }
    )


def _is_itself(purl: PackageURL, distribution: str) -> bool:
    """Return whether a component is the wheel or one of its extension modules."""
    # Some builds list the extension modules with the wheel's purl.
    own = distribution.partition("-")[0]
    return (
        purl.type == "pypi"
        and re.sub(r"[-_.]+", "-", purl.name).lower() == re.sub(r"[-_.]+", "-", own).lower()
    )
