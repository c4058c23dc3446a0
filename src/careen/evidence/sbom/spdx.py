"""Writer of SPDX 2.3 SBOMs in JSON."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from cyclonedx.spdx import fixup_id, is_expression

from careen import __version__
from careen.evidence.cyclonedx.component import holder_of
from careen.evidence.cyclonedx.document import plain
from careen.evidence.sbom.package_relations import dependencies_of
from careen.evidence.scanners.purl import scanner_purl, source_of
from careen.formats.oci_purl import oci_purl
from careen.model.packages.distribution import Distribution
from careen.model.packages.model_file import ModelFile
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ROOT, ImagePath

_DOCUMENT = "SPDXRef-DOCUMENT"
_ROOT = "SPDXRef-Image"
_SYSTEM = "SPDXRef-OperatingSystem"
_MANAGED = (Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM)
_NO_TIME = "1970-01-01T00:00:00Z"
_NONE: Mapping[ImagePath, str] = {}


def to_spdx_sbom(
    subject: str,
    digest: str,
    inventory: Inventory,
    *,
    created: str,
    checksums: Mapping[ImagePath, str] = _NONE,
) -> bytes:
    """Return the JSON document. Equal inventories give the same bytes.

    `created` is RFC 3339 in UTC. `checksums` maps paths to SHA-1 (hex); only these files are
    listed, as SPDX requires one. A package `CONTAINS` its files, and the packages embedded in it.
    Other facts are annotations `careen:NAME=VALUE` (docs/sbom.md).
    """
    writer = _Writer(created or _NO_TIME, checksums)
    document: dict[str, Any] = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": _DOCUMENT,
        "name": plain(subject) or "unnamed",
        "creationInfo": {
            "created": created or _NO_TIME,
            "creators": [f"Tool: careen-{__version__}"],
        },
        "packages": [
            _subject(subject, digest),
            *(
                [writer.system(inventory.distribution)]
                if inventory.distribution is not None
                else []
            ),
            *(
                writer.package(inventory.packages[purl], inventory.distribution)
                for purl in sorted(inventory.packages)
            ),
            *(writer.model(model) for model in inventory.models),
        ],
        "files": [_file(path, checksums[path]) for path in _listed(inventory, checksums)],
        "relationships": list(_relationships(inventory, checksums)),
        "annotations": [
            writer.note("unknown", f"{item.path}\n{item.reason}") for item in inventory.unknowns
        ],
    }
    # The namespace is derived from the content.
    content = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    name = quote(plain(subject), safe="") or "unnamed"
    number = uuid.uuid5(uuid.NAMESPACE_OID, f"careen.spdx/{content}")
    document["documentNamespace"] = f"https://careen.invalid/spdx/{name}-{number}"
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def _identifier(kind: str, key: str) -> str:
    """Return an identifier made from the key's hash."""
    # SPDX allows only letters, digits, dots and dashes.
    return f"SPDXRef-{kind}-{hashlib.sha256(plain(key).encode()).hexdigest()[:20]}"


def _package_id(purl: str) -> str:
    return _identifier("Package", purl)


def _subject(subject: str, digest: str) -> dict[str, Any]:
    purl = oci_purl(subject, digest)
    out = _bare(_ROOT, plain(subject) or "unnamed", digest, "CONTAINER")
    if digest:
        out["checksums"] = [
            {"algorithm": "SHA256", "checksumValue": digest.removeprefix("sha256:")}
        ]
    if purl is not None:
        out["externalRefs"] = [_purl_reference(purl.to_string())]
    return out


def _bare(identifier: str, name: str, version: str, purpose: str) -> dict[str, Any]:
    out: dict[str, Any] = {
        "SPDXID": identifier,
        "name": name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
    }
    if version:
        out["versionInfo"] = plain(version)
    out |= {
        "primaryPackagePurpose": purpose,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }
    return out


def _purl_reference(purl: str) -> dict[str, str]:
    return {
        "referenceCategory": "PACKAGE-MANAGER",
        "referenceType": "purl",
        "referenceLocator": purl,
    }


class _Writer:
    def __init__(self, created: str, checksums: Mapping[ImagePath, str]) -> None:
        self._created = created
        self._checksums = checksums

    def note(self, name: str, value: str) -> dict[str, str]:
        return {
            "annotationDate": self._created,
            "annotationType": "OTHER",
            "annotator": f"Tool: careen-{__version__}",
            "comment": f"careen:{name}={plain(value)}",
        }

    def _notes(self, facts: Mapping[str, str]) -> list[dict[str, str]]:
        return [self.note(name, value) for name, value in facts.items() if value]

    def system(self, distribution: Distribution) -> dict[str, Any]:
        out = _bare(
            _SYSTEM,
            plain(distribution.id) or "unknown",
            distribution.version_id,
            "OPERATING_SYSTEM",
        )
        if distribution.name:
            out["summary"] = plain(distribution.name)
        facts = {
            "os:codename": distribution.codename,
            "os:like": " ".join(distribution.like),
            "os:path": distribution.path,
        }
        out["annotations"] = self._notes(facts)
        return out

    def package(self, package: Package, distribution: Distribution | None) -> dict[str, Any]:
        purl = scanner_purl(package, distribution).to_string()
        runtime = package.ecosystem is Ecosystem.GENERIC and package.presence is Presence.INSTALLED
        out = _bare(
            _package_id(package.purl),
            plain(package.name),
            package.version,
            "APPLICATION" if runtime else "LIBRARY",
        )
        out["externalRefs"] = [_purl_reference(purl)]
        name, version = source_of(package)
        if name:
            out["sourceInfo"] = plain(
                f"built package from: {name} {version}"
            )  # Trivy parses this wording
        out["licenseDeclared"] = _licence(package.licence)
        listed = sorted(self._checksums[path] for path in package.files if path in self._checksums)
        if listed:
            out["filesAnalyzed"] = True
            code = hashlib.sha1("".join(listed).encode(), usedforsecurity=False).hexdigest()
            out["packageVerificationCode"] = {"packageVerificationCodeValue": code}
        facts = {
            "ecosystem": package.ecosystem.value,
            "purl": package.purl if package.purl != purl else "",
            "presence": package.presence.value,
            "record": package.record if package.record != ROOT else "",
            "evidence": package.evidence,
            "module": package.module,
            "licence": package.licence if out["licenseDeclared"] == "NOASSERTION" else "",
        }
        out["annotations"] = self._notes(facts)
        return out

    def model(self, model: ModelFile) -> dict[str, Any]:
        out = _bare(_identifier("Model", model.path), plain(model.path), "", "FILE")
        facts = {
            "model:format": model.format.value,
            "model:size": str(model.size),
            "model:problem": model.problem,
        }
        listed = (
            *((f"model:fact:{key}", value) for key, value in model.facts),
            *(("model:dangerous", what) for what in model.dangerous),
        )
        out["annotations"] = [
            *self._notes(facts),
            *(self.note(key, value) for key, value in listed),
        ]
        return out


@lru_cache(maxsize=4096)
def _licence(declared: str) -> str:
    """Return an SPDX identifier or expression, else NOASSERTION."""
    text = declared.strip()
    # Any other licence would need its text.
    return fixup_id(text) or (text if text and is_expression(text) else "NOASSERTION")


def _file(path: ImagePath, sha1: str) -> dict[str, Any]:
    return {
        "SPDXID": _identifier("File", path),
        "fileName": f".{plain(path)}",
        "checksums": [{"algorithm": "SHA1", "checksumValue": sha1}],
        "licenseConcluded": "NOASSERTION",
        "licenseInfoInFiles": ["NOASSERTION"],
        "copyrightText": "NOASSERTION",
    }


def _listed(inventory: Inventory, checksums: Mapping[ImagePath, str]) -> list[ImagePath]:
    return sorted(
        {
            path
            for package in inventory.packages.values()
            for path in package.files
            if path in checksums
        }
    )


def _relationships(
    inventory: Inventory, checksums: Mapping[ImagePath, str]
) -> Iterator[dict[str, str]]:
    yield _relation(_DOCUMENT, "DESCRIBES", _ROOT)
    if inventory.distribution is not None:
        yield _relation(_ROOT, "CONTAINS", _SYSTEM)
    for model in inventory.models:
        yield _relation(_ROOT, "CONTAINS", _identifier("Model", model.path))
    for purl in sorted(inventory.packages):
        package = inventory.packages[purl]
        holder = holder_of(package, inventory)
        above = (
            _SYSTEM
            if package.ecosystem in _MANAGED and inventory.distribution is not None
            else _ROOT
        )  # Trivy requires the former
        yield _relation(_package_id(holder) if holder else above, "CONTAINS", _package_id(purl))
        yield from _contents(package, checksums)
    for purl, needed in dependencies_of(inventory).items():
        for other in needed:
            yield _relation(_package_id(purl), "DEPENDS_ON", _package_id(other))


def _contents(package: Package, checksums: Mapping[ImagePath, str]) -> Iterable[dict[str, str]]:
    return (
        _relation(_package_id(package.purl), "CONTAINS", _identifier("File", path))
        for path in package.files
        if path in checksums
    )


def _relation(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
