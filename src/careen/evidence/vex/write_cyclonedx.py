"""Writer of CycloneDX 1.6 VEX, linked to an SBOM by BOM-Link or stand-alone.

A stand-alone document has the packages as its components.
"""

import hashlib
import json
import urllib.parse
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import careen
from careen.errors import InputError
from careen.evidence.cyclonedx.answers import answer_property
from careen.evidence.identifier_source import identifier_source
from careen.evidence.vex.subject import VexSubject
from careen.evidence.vex.terms import TO_CYCLONEDX_JUSTIFICATION, TO_CYCLONEDX_STATE
from careen.evidence.vex.write_openvex import Authorship
from careen.model.findings.vex import VexStatement
from careen.model.packages.purls import Purl, matches, read_purl
from careen.model.rfc3339 import parse_time

_NAMESPACE = uuid.UUID("a1f6b1f4-9b0a-5a5e-8f2f-0f6d7a1c2b34")


class BomLink:
    """The SBOM that a VEX document refers to.

    `serial` is its serialNumber (`urn:uuid:…`); `refs` maps purls to bom-refs.
    """

    def __init__(self, serial: str, version: int, refs: Mapping[str, str]) -> None:
        self._head = f"urn:cdx:{serial.removeprefix('urn:uuid:')}/{version}#"
        self._refs: dict[tuple[str, str, str], list[tuple[Purl, str]]] = {}
        for text, ref in refs.items():
            purl = read_purl(text)
            if purl is not None:
                self._refs.setdefault(purl.identity, []).append((purl, ref))

    def ref(self, purl: str) -> str | None:
        """Return the BOM-Link of a package, or None if the SBOM does not have it.

        The form is `urn:cdx:serial/version#bom-ref` (CycloneDX).
        """
        stated = read_purl(purl)
        if stated is None:
            return None
        found = next(
            (ref for known, ref in self._refs.get(stated.identity, ()) if matches(stated, known)),
            None,
        )
        return (
            None if found is None else self._head + urllib.parse.quote(found, safe="")
        )  # quoted, as readers decode it: a bare `+` would become a space


def to_cyclonedx_vex(
    statements: Sequence[VexStatement],
    subject: VexSubject,
    authorship: Authorship,
    sbom: BomLink | None = None,
) -> bytes:
    """Return a document; components of `sbom` are named by BOM-Link.

    Raises InputError for an invalid time.
    """
    if parse_time(authorship.timestamp) is None:
        msg = f"VEX for {subject.repository}: timestamp is not RFC 3339: {authorship.timestamp!r}"
        raise InputError(msg)
    components: dict[str, dict[str, Any]] = {}
    vulnerabilities = [_vulnerability(statement, components, sbom) for statement in statements]
    root = subject.full_purl(subject.digests[0]) if subject.digests else ""
    body = {
        "version": authorship.version,
        "metadata": {
            "timestamp": authorship.timestamp,
            "tools": {
                "components": [
                    {"type": "application", "name": "careen", "version": careen.__version__}
                ]
            },
            "authors": [{"name": authorship.author}],
            "component": {
                "type": "container",
                "bom-ref": root or subject.repository,
                "name": subject.repository,
                **({"version": subject.digests[0], "purl": root} if root else {}),
            },
        },
        "components": [components[ref] for ref in sorted(components)],
        "vulnerabilities": vulnerabilities,
    }
    serial = uuid.uuid5(
        _NAMESPACE, hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    ).urn
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": serial, **body}
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _vulnerability(
    statement: VexStatement, components: dict[str, dict[str, Any]], sbom: BomLink | None
) -> dict[str, Any]:
    analysis: dict[str, Any] = {"state": TO_CYCLONEDX_STATE[statement.status]}
    if statement.justification is not None:
        analysis["justification"] = TO_CYCLONEDX_JUSTIFICATION[statement.justification]
    if statement.action.startswith("update "):
        analysis["response"] = ["update"]
    if statement.note:
        analysis["detail"] = statement.note
    parts = dict.fromkeys(
        product.subcomponents[0] for product in statement.products if product.subcomponents
    ) or dict.fromkeys(product.id for product in statement.products)
    return {
        "bom-ref": f"{statement.vulnerability}#{next(iter(parts), '')}",
        "id": statement.vulnerability,
        "source": _source(statement.vulnerability),
        **(
            {
                "references": [
                    {"id": alias, "source": _source(alias)}
                    for alias in dict.fromkeys(statement.aliases)
                ]
            }
            if statement.aliases
            else {}
        ),
        **({"recommendation": statement.action} if statement.action else {}),
        "analysis": analysis,
        "affects": [{"ref": _ref(part, components, sbom)} for part in parts],
        **_properties(statement),
    }


def _properties(statement: VexStatement) -> dict[str, list[dict[str, str]]]:
    if statement.questions is None:
        return {}
    answers = (answer_property(*row) for row in statement.questions.rows)
    return {"properties": [{"name": f"careen:{name}", "value": value} for name, value in answers]}


def _ref(part: str, components: dict[str, dict[str, Any]], sbom: BomLink | None) -> str:
    # Trivy matches BOM-Links only.
    linked = sbom.ref(part) if sbom is not None else None
    if linked is not None:
        return linked
    components.setdefault(
        part,
        {
            "type": "library",
            "bom-ref": part,
            "name": part,
            **({"purl": part} if part.startswith("pkg:") else {}),
        },
    )
    return part


def _source(identifier: str) -> dict[str, str]:
    name, url = identifier_source(identifier)
    return {"name": name, "url": url}
