"""Provenance of a base image that was built from packages (SLSA 1.0)."""

from typing import Any

from packageurl import PackageURL

from careen.evidence.attest.predicates import BUILDER
from careen.model.catalog.built import BuiltBase
from careen.model.catalog.lock import LockedPackage, LockedWheel

BASE = "urn:careen:build:base:1"


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
            },
            "resolvedDependencies": [
                {
                    "name": each.name,
                    "uri": _purl(each),
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


def _purl(package: LockedPackage | LockedWheel) -> str:
    if isinstance(package, LockedWheel):
        return PackageURL("pypi", None, package.name, package.version).to_string()
    arch = {"arch": package.architecture}
    return PackageURL("deb", "debian", package.name, package.version, arch).to_string()
