"""Purls in SBOMs, in the dialects of the tools that write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from packageurl import PackageURL
from packaging.utils import canonicalize_name

from careen.model.packages.package import Ecosystem
from careen.model.packages.purls import MAX_PURL, with_epoch

_TYPES = {ecosystem.value: ecosystem for ecosystem in Ecosystem}
_SYSTEM = (Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM)
_SOURCE_RPM = re.compile(r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)\.(?:no)?src(?:\.rpm)?\Z")


@dataclass(frozen=True, slots=True)
class PurlFacts:
    """Parts of a purl.

    `purl` is in canonical form. `name` is the ecosystem's own: `@scope/name`, `group:artifact`, PEP
    503 for Python, a Go module's path. `version` includes the epoch of the qualifier `epoch`.
    `source` is `name@version` or "". `distro` is the qualifier as stated (`debian-12`).
    """

    ecosystem: Ecosystem
    name: str
    version: str
    purl: str
    architecture: str
    source: str
    distro: str
    codename: str
    module: str


def purl_facts(raw: str, version: str) -> PurlFacts:
    """Split a purl; `version` is used if it has none.

    Raises ValueError that describes the problem in words.
    """
    if len(raw) > MAX_PURL:
        msg = f"its purl is longer than {MAX_PURL} characters"
        raise ValueError(msg)
    try:
        parsed = PackageURL.from_string(raw)
    except ValueError:
        msg = f"its purl is none: {raw[:120]!r}"
        raise ValueError(msg) from None
    ecosystem = _TYPES.get(parsed.type)
    if ecosystem is None:
        msg = f"no advisories are known for its kind, {parsed.type!r}"
        raise ValueError(msg)
    version = parsed.version or version
    if not version:
        msg = "it has no version"
        raise ValueError(msg)
    qualifiers: Mapping[str, str] = parsed.qualifiers if isinstance(parsed.qualifiers, dict) else {}
    full = with_epoch(version, qualifiers.get("epoch", "")) if ecosystem in _SYSTEM else version
    return PurlFacts(
        ecosystem=ecosystem,
        name=_name(ecosystem, parsed.namespace or "", parsed.name),
        version=full,
        purl=parsed.to_string(),
        architecture=qualifiers.get("arch", ""),
        source=read_upstream(qualifiers.get("upstream", ""), full) if ecosystem in _SYSTEM else "",
        distro=qualifiers.get("distro", ""),
        codename=qualifiers.get("distro_name", ""),
        module=qualifiers.get("modularitylabel", "") or qualifiers.get("rpmmod", ""),
    )


def read_upstream(upstream: str, version: str) -> str:
    """Return `name@version` of an `upstream` qualifier, or "".

    The qualifier is `name`, `name@version` or `name-version-release.src.rpm`. The default is the
    package's version, and for a source rpm the package's epoch.
    """
    match = _SOURCE_RPM.match(upstream)
    if match is not None:
        epoch = version.partition(":")[0] if ":" in version else ""
        return f"{match['name']}@{with_epoch(match['version'], epoch)}"
    name, _, stated = upstream.partition("@")
    return f"{name}@{stated or version}" if name else ""


def _name(ecosystem: Ecosystem, namespace: str, name: str) -> str:
    match ecosystem:
        case Ecosystem.MAVEN if namespace:
            return f"{namespace}:{name}"
        case Ecosystem.NPM | Ecosystem.GOLANG if namespace:
            return f"{namespace}/{name}"
        case Ecosystem.PYPI:
            return canonicalize_name(name)
        case _:
            return name
