"""Writer of OpenVEX 0.2.0 (github.com/openvex/spec).

Equal statements and times give equal bytes, identifiers included.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import careen
from careen.errors import InputError
from careen.evidence.vex.subject import VexSubject
from careen.model.findings.vex import VexProduct, VexStatement, VexStatus
from careen.model.rfc3339 import parse_time

CONTEXT = "https://openvex.dev/ns/v0.2.0"
_NAMESPACE = uuid.UUID("6f1f6c0e-5f7b-5b0e-9a3c-3d1f5b5f0a11")
"""Namespace of careen's documents; any fixed UUID would do (RFC 9562, 5.5)."""


@dataclass(frozen=True, slots=True)
class Authorship:
    """Author and time of a document.

    `timestamp` is RFC 3339 (SOURCE_DATE_EPOCH if set); `version` counts revisions from 1.
    """

    author: str
    timestamp: str
    version: int = 1
    role: str = ""


def to_openvex(
    statements: Sequence[VexStatement], subject: VexSubject, authorship: Authorship
) -> bytes:
    """Return a document; products of `subject` get their full purl and digest too.

    Raises InputError for no statements, an invalid time, `not_affected` without a reason, or
    `affected` without an action.
    """
    if not statements:
        msg = (
            f"VEX for {subject.repository}: there is nothing to state, and OpenVEX has no empty"
            " document"
        )
        raise InputError(msg)
    if parse_time(authorship.timestamp) is None:
        msg = f"VEX for {subject.repository}: timestamp is not RFC 3339: {authorship.timestamp!r}"
        raise InputError(msg)
    written = [_statement(statement, subject) for statement in statements]
    head = {
        "author": authorship.author,
        **({"role": authorship.role} if authorship.role else {}),
        "timestamp": authorship.timestamp,
        "version": authorship.version,
    }
    body = {**head, "tooling": f"careen {careen.__version__}", "statements": written}
    document = {"@context": CONTEXT, "@id": _identifier(body), **body}
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _identifier(content: object) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return uuid.uuid5(_NAMESPACE, hashlib.sha256(canonical).hexdigest()).urn


def _statement(statement: VexStatement, subject: VexSubject) -> dict[str, Any]:
    body: dict[str, Any] = {
        "vulnerability": {
            "name": statement.vulnerability,
            **({"aliases": list(dict.fromkeys(statement.aliases))} if statement.aliases else {}),
        },
        **({"timestamp": statement.timestamp} if statement.timestamp else {}),
        "products": [_product(product, subject) for product in dict.fromkeys(statement.products)],
        "status": statement.status.value,
        **_reasons(statement),
    }
    return {"@id": _identifier(body), **body}


def _reasons(statement: VexStatement) -> Mapping[str, str]:
    match statement.status:
        case VexStatus.NOT_AFFECTED:
            if statement.justification is None and not statement.note:
                msg = (
                    f"VEX: {statement.vulnerability} is stated as not_affected without a"
                    " justification"
                )
                raise InputError(msg)
            justification = (
                {"justification": statement.justification.value} if statement.justification else {}
            )
            return {
                **justification,
                **({"impact_statement": statement.note} if statement.note else {}),
            }
        case VexStatus.AFFECTED:
            if not statement.action:
                msg = f"VEX: {statement.vulnerability} is stated as affected without an action"
                raise InputError(msg)
            return {
                **({"status_notes": statement.note} if statement.note else {}),
                "action_statement": statement.action,
            }
        case VexStatus.FIXED | VexStatus.UNDER_INVESTIGATION:
            return {"status_notes": statement.note} if statement.note else {}


def _product(product: VexProduct, subject: VexSubject) -> dict[str, Any]:
    """Return a product as written; a purl with a digest is the image and gets its hash."""
    digest = next(
        (digest for digest in subject.digests if product.id.endswith(digest.replace(":", "%3A"))),
        "",
    )
    out: dict[str, Any] = {"@id": product.id}
    # Some readers match by the hash alone.
    if digest:
        out |= {
            "identifiers": {"purl": subject.full_purl(digest)},
            "hashes": {"sha-256": digest.removeprefix("sha256:")},
        }
    elif product.id.startswith("pkg:"):
        out |= {"identifiers": {"purl": product.id}}
    if product.subcomponents:
        out["subcomponents"] = [
            {"@id": part, **({"identifiers": {"purl": part}} if part.startswith("pkg:") else {})}
            for part in dict.fromkeys(product.subcomponents)
        ]
    return out
