"""Signed statements: DSSE envelopes (secure-systems-lab/dsse 1.0) in Sigstore bundles 0.3."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from careen.errors import ConfigError
from careen.formats.json_document import Strict, parse_object

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SUFFIX = ".sigstore.json"
MAX_BUNDLE = 1 << 30
_PAYLOAD_TYPE = "application/vnd.in-toto+json"
_READ = Strict(ConfigError, "bundle")


@dataclass(frozen=True, slots=True)
class Signed:
    """A payload and its signature, both as bytes, by a key or by an identity.

    `key_hint` is the SHA-256 of the public key (DER, base64). `identity` is the verification
    material with the certificate; then there is no hint.
    """

    payload: bytes
    signature: bytes
    key_hint: str
    identity: Mapping[str, Any] | None = None

    @property
    def to_sign(self) -> bytes:
        """What the signature is of: DSSE's pre-authentication encoding of the payload."""
        return pre_authentication(self.payload)


def pre_authentication(payload: bytes) -> bytes:
    """Return the bytes that are signed for a statement."""
    kind = _PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def written_bundle(signed: Signed) -> bytes:
    """Return a bundle's JSON, the same for equal values."""
    # Empty: nothing is sent to a transparency log. Strict readers ask for the field.
    by_key = {"publicKey": {"hint": signed.key_hint}, "tlogEntries": []}
    document = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": by_key if signed.identity is None else signed.identity,
        "dsseEnvelope": _envelope(signed),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def written_envelope(signed: Signed) -> bytes:
    """Return the JSON of the DSSE envelope alone, the same for equal values."""
    return json.dumps(_envelope(signed), separators=(",", ":")).encode()


def _envelope(signed: Signed) -> dict[str, object]:
    return {
        "payload": b64encode(signed.payload).decode(),
        "payloadType": _PAYLOAD_TYPE,
        "signatures": [{"sig": b64encode(signed.signature).decode(), "keyid": ""}],
    }


def read_envelope(data: bytes, where: str) -> tuple[bytes, bytes]:
    """Return payload and signature of an envelope. Raises ConfigError that names `where`."""
    try:
        return _payload(parse_object(data, where, ConfigError), where)
    except ValueError as error:
        msg = f"{where}: a text is not base64"
        raise ConfigError(msg) from error


def _payload(envelope: Mapping[str, Any], place: str) -> tuple[bytes, bytes]:
    if envelope.get("payloadType") != _PAYLOAD_TYPE:
        _READ.fail(place, f"expected a payload of the type {_PAYLOAD_TYPE}")
    signatures = list(_READ.objects(envelope.get("signatures"), f"{place}.signatures"))
    if len(signatures) != 1:
        _READ.fail(place, f"expected one signature, got {len(signatures)}")
    texts = (
        _READ.text(envelope.get("payload"), place, "payload"),
        _READ.text(signatures[0][1].get("sig"), place, "signatures[0].sig"),
    )
    payload, signature = (b64decode(text, validate=True) for text in texts)
    return payload, signature


def read_bundle(data: bytes, where: str) -> Signed:
    """Return what a bundle of careen holds.

    Raises ConfigError that names `where`, also for one byte that careen would write otherwise.
    """
    document = parse_object(data, where, ConfigError)
    if document.get("mediaType") != MEDIA_TYPE:
        msg = f"{where}: not a Sigstore bundle of version 0.3"
        raise ConfigError(msg)
    try:
        envelope = _READ.mapping(document.get("dsseEnvelope"), "", "dsseEnvelope")
        payload, signature = _payload(envelope, "dsseEnvelope")
        material = _READ.mapping(document.get("verificationMaterial"), "", "verificationMaterial")
        identity = material if "certificate" in material else None
        hint = "" if identity is not None else _hint(material)
    except ValueError as error:
        msg = f"{where}: a text is not base64"
        raise ConfigError(msg) from error
    except ConfigError as error:
        msg = f"{where}: {error}"
        raise ConfigError(msg) from error
    signed = Signed(payload, signature, hint, identity)
    # What no signature covers must not change unseen.
    if written_bundle(signed) != data:
        msg = f"{where}: not as careen writes a bundle; it was changed"
        raise ConfigError(msg)
    return signed


def _hint(material: Mapping[str, Any]) -> str:
    key = _READ.mapping(material.get("publicKey"), "verificationMaterial", "publicKey")
    return _READ.text(key.get("hint"), "verificationMaterial.publicKey", "hint")
