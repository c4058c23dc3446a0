"""Purls by which scanners know a package, for the subcomponents of a statement.

A stated qualifier must be equal in the scanner's purl. Scanners spell `distro` differently
(`debian-12`, `debian-12.8`), so only necessary qualifiers are stated. They also differ in the place
of an epoch and in Go's `v`; each spelling is given.
"""

import urllib.parse
from collections.abc import Collection

from packageurl import PackageURL

from careen.model.packages.package import Package
from careen.model.packages.purls import Purl, read_purl


def scanner_purls(package: Package, others: Collection[Package]) -> tuple[str, ...]:
    """Return the purls of `package`, most usual first.

    The architecture is stated only if another package in `others` differs in nothing else.
    """
    read = read_purl(package.purl)
    if read is None:
        return (package.purl,)
    same = (package.ecosystem, package.name, package.version)
    twin = any(
        (other.ecosystem, other.name, other.version) == same and other.purl != package.purl
        for other in others
    )
    architecture = {"arch": read.qualifiers["arch"]} if twin and "arch" in read.qualifiers else {}
    spelled = PackageURL.from_string(
        package.purl
    )  # names unchanged: some scanners compare them case-sensitively
    path = "/".join(
        urllib.parse.quote(part, safe=":+~")
        for part in (*(spelled.namespace or "").split("/"), spelled.name)
        if part
    )
    return tuple(
        dict.fromkeys(
            _written(f"pkg:{read.type}/{path}", version, {**more, **architecture}, read.subpath)
            for version, more in _versions(read)
        )
    )


def _versions(read: Purl) -> tuple[tuple[str, dict[str, str]], ...]:
    epoch, colon, rest = read.version.partition(":")
    if read.type in {"deb", "rpm"} and colon:
        return (read.version, {}), (rest, {"epoch": epoch})
    if read.type == "golang" and read.version.startswith("v"):
        return (read.version, {}), (read.version.removeprefix("v"), {})
    return ((read.version, {}),)


def _written(head: str, version: str, qualifiers: dict[str, str], subpath: str) -> str:
    at = f"@{urllib.parse.quote(version, safe=':+~')}" if version else ""
    query = "&".join(
        f"{key}={urllib.parse.quote(value, safe='')}" for key, value in sorted(qualifiers.items())
    )
    return head + at + (f"?{query}" if query else "") + (f"#{subpath}" if subpath else "")
