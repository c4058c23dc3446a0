"""Purl qualifiers and Trivy properties by which scanners match packages of an SBOM."""

import re
from collections.abc import Iterator

from packageurl import PackageURL

from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ROOT

_SYSTEM = (Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM)
_EPOCH = re.compile(r"(?P<epoch>\d+):(?P<rest>.*)", re.DOTALL)
_TRIVY_TYPES = {  # Trivy's types of language packages
    Ecosystem.PYPI: "python-pkg",
    Ecosystem.CONDA: "conda-pkg",
    Ecosystem.NPM: "node-pkg",
    Ecosystem.GOLANG: "gobinary",
    Ecosystem.MAVEN: "jar",
    Ecosystem.CARGO: "rustbinary",
}


def source_of(package: Package) -> tuple[str, str]:
    """Return name and version of the source package, "" if there is none."""
    name, _, version = package.source.partition("@")
    return name, version or (package.version if name else "")


def scanner_purl(package: Package, distribution: Distribution | None) -> PackageURL:
    """Return a package's purl with the qualifiers that Grype, Syft and Trivy read.

    These are `distro=ID-VERSION` and `upstream`, as Syft writes it: `name`, `name@version` if the
    versions differ, `name-version-release.src.rpm` for rpm.
    """
    purl = PackageURL.from_string(package.purl)
    if package.ecosystem not in _SYSTEM:
        return purl
    qualifiers = dict(purl.qualifiers) if isinstance(purl.qualifiers, dict) else {}
    if distribution is not None and distribution.id:
        qualifiers.setdefault(
            "distro", "-".join(part for part in (distribution.id, distribution.version_id) if part)
        )
    name, version = source_of(package)
    if package.ecosystem is Ecosystem.RPM and name:
        qualifiers.setdefault("upstream", f"{name}-{_split_epoch(version)[1]}.src.rpm")
    elif name and (name, version) != (package.name, package.version):
        qualifiers.setdefault(
            "upstream", name if version == package.version else f"{name}@{version}"
        )
    return purl._replace(qualifiers=qualifiers)


def trivy_properties(
    package: Package, distribution: Distribution | None
) -> Iterator[tuple[str, str]]:
    """Yield name and value of Trivy's properties: source package, type and path.

    In a document their names are `aquasecurity:trivy:NAME`.
    """
    name, full = source_of(package)
    if package.ecosystem in _SYSTEM and name:
        epoch, version = _split_epoch(full)
        release = ""
        if package.ecosystem is not Ecosystem.APK:
            version, _, release = version.rpartition("-") if "-" in version else (version, "", "")
        yield from (
            ("SrcName", name),
            ("SrcVersion", version),
            ("SrcRelease", release),
            ("SrcEpoch", epoch),
        )
    if package.ecosystem in _SYSTEM:
        yield from (
            ("PkgID", f"{package.name}@{package.version}"),
            ("PkgType", distribution.id if distribution is not None else ""),
        )
        yield "Modularitylabel", package.module
    else:
        yield from (
            ("PkgType", _TRIVY_TYPES.get(package.ecosystem, "")),
            ("FilePath", package.record.removeprefix("/") if package.record != ROOT else ""),
        )


def _split_epoch(version: str) -> tuple[str, str]:
    match = _EPOCH.fullmatch(version)
    return (match["epoch"], match["rest"]) if match is not None else ("", version)
