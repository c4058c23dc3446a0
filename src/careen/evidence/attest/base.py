"""Provenance of a base image that was built from packages (SLSA 1.0)."""

from typing import Any

from packageurl import PackageURL

from careen.evidence.attest.predicates import BUILDER
from careen.model.catalog.built import BuiltBase
from careen.model.catalog.lock import LockedPackage, LockedWheel

BASE = "urn:careen:build:base:1"
_PURLS = {
    "debian": ("deb", "debian"),
    "ubuntu": ("deb", "ubuntu"),
    "alpine": ("apk", "alpine"),
    "rhel": ("rpm", "redhat"),
}


def base_provenance(built: BuiltBase, started: str, finished: str, version: str) -> dict[str, Any]:
    """Return the predicate: from which packages and sources, by which choices, when."""
    parts: tuple[LockedPackage | LockedWheel, ...] = (*built.lock.packages, *built.lock.wheels)
    return {
        "buildDefinition": {
            "buildType": BASE,
            "externalParameters": {"entry": built.entry, "variant": built.variant},
            "internalParameters": {
                "created": built.lock.created,
                "architecture": built.lock.architecture,
                "sources": list(built.sources),
                "lockSources": list(built.lock.sources),
                **({"unproven": built.unproven} if built.unproven else {}),
                **({"wheelIndexes": dict(built.wheel_indexes)} if built.wheel_indexes else {}),
            },
            "resolvedDependencies": [
                {
                    "name": each.name,
                    "uri": _purl(each, built.distribution),
                    "digest": {"sha256": each.sha256},
                }
                for each in parts
            ],
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {"careen": version}},
            "metadata": {"startedOn": started, "finishedOn": finished},
        },
    }


def _purl(package: LockedPackage | LockedWheel, distribution: str) -> str:
    if isinstance(package, LockedWheel):
        return PackageURL("pypi", None, package.name, package.version).to_string()
    kind, namespace = _PURLS.get(distribution, ("generic", distribution))
    qualifiers, version = {"arch": package.architecture}, package.version
    if kind == "rpm" and ":" in version:  # the purl-spec has the epoch as a qualifier
        qualifiers["epoch"], _, version = version.partition(":")
    return PackageURL(kind, namespace, package.name, version, qualifiers).to_string()
