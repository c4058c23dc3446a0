"""Attestations of any tool: a Sigstore bundle, a DSSE envelope, or a statement that nobody signed.

`bundle` and `statement` read what careen wrote itself, and refuse anything else.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.errors import ConfigError
from careen.evidence.attest.bundle import pre_authentication
from careen.formats.json_document import Strict, mapping, parse_object, text_at
from careen.model.attestations.signature import Signature

MOST_SIGNATURES = 16
_HEAD = 4096
_BUNDLE = "application/vnd.dev.sigstore.bundle"
_PAYLOAD_TYPE = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/"
_MARK = re.compile(rb'"(?:payloadType|dsseEnvelope|_type)"|vnd\.dev\.sigstore\.bundle')
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_READ = Strict(ConfigError, "attestation")


@dataclass(frozen=True, slots=True)
class Attestation:
    """The bytes of a statement, and who signed them; nobody, if `signatures` is empty."""

    payload: bytes
    signatures: tuple[Signature, ...] = ()

    @property
    def to_sign(self) -> bytes:
        """What the signatures are of."""
        return pre_authentication(self.payload)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a statement says: of which digests (`sha256:…`) with their names, and what."""

    subjects: Mapping[str, str]
    predicate_type: str
    predicate: Mapping[str, Any]


def is_statement(data: bytes) -> bool:
    """Return whether a document is an in-toto statement, without parsing it whole."""
    head = data[:_HEAD].lstrip()
    return b'"_type"' in head and _STATEMENT.encode() in head


def may_be_attestation(data: bytes) -> bool:
    """Return whether a document may be an attestation, by its first and last bytes."""
    return bool(_MARK.search(data[:_HEAD]) or _MARK.search(data[-_HEAD:]))


def read_attestation(data: bytes, where: str) -> Attestation | None:
    """Return an attestation, None for another document. Raises ConfigError that names `where`."""
    document = parse_object(data, where, ConfigError)
    if text_at(document, "_type").startswith(_STATEMENT):
        return Attestation(data)
    try:
        if text_at(document, "mediaType").startswith(_BUNDLE):
            if "dsseEnvelope" not in document:
                return None  # a signature of the image itself
            envelope = _READ.mapping(document.get("dsseEnvelope"), "", "dsseEnvelope")
            return _signed(envelope, mapping(document.get("verificationMaterial")))
        if "payload" in document and "payloadType" in document:
            return _signed(document, {})
    except ConfigError as error:
        msg = f"{where}: {error}"
        raise ConfigError(msg) from error
    except ValueError as error:  # also for a text that is not ASCII
        msg = f"{where}: a text is not base64"
        raise ConfigError(msg) from error
    return None


def _signed(envelope: Mapping[str, Any], material: Mapping[str, Any]) -> Attestation:
    if envelope.get("payloadType") != _PAYLOAD_TYPE:
        _READ.fail("payloadType", f"expected {_PAYLOAD_TYPE}, as in-toto statements have")
    payload = b64decode(_READ.text(envelope.get("payload"), "", "payload"), validate=True)
    signatures = list(_READ.objects(envelope.get("signatures"), "signatures"))
    if len(signatures) > MOST_SIGNATURES:
        _READ.fail("signatures", f"more than the {MOST_SIGNATURES} that are read")
    by_identity = "certificate" in material or "x509CertificateChain" in material
    return Attestation(
        payload,
        tuple(
            Signature(
                b64decode(_READ.text(each.get("sig"), place, "sig"), validate=True),
                text_at(material, "publicKey", "hint"),
                material if by_identity else None,
            )
            for place, each in signatures
        ),
    )


def read_claim(payload: bytes, where: str) -> Claim:
    """Return what a statement says. Raises ConfigError that names `where`."""
    document = parse_object(payload, where, ConfigError)
    try:
        if not text_at(document, "_type").startswith(_STATEMENT):
            _READ.fail("_type", f"expected an in-toto statement ({_STATEMENT}…)")
        subjects = dict(_subjects(document))
        if not subjects:
            _READ.fail("subject", "names no SHA-256 digest")
        return Claim(
            subjects,
            _READ.text(document.get("predicateType"), "", "predicateType"),
            _READ.mapping(document.get("predicate"), "", "predicate"),
        )
    except ConfigError as error:
        msg = f"{where}: {error}"
        raise ConfigError(msg) from error


def _subjects(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for _, subject in _READ.objects(document.get("subject"), "subject"):
        sha256 = text_at(subject, "digest", "sha256")
        if _SHA256.match(sha256):
            yield f"sha256:{sha256}", text_at(subject, "name")
