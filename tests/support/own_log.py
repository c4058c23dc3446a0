"""A transparency log of one's own, as Rekor's first interface describes it: each entry is the
second leaf of a tree, since readers take a number 0 for a missing one.
"""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PATH = "/api/v1/log/entries"
_ORIGIN = "log.r.example"
_FIRST = hashlib.sha256(b"\0an entry before").digest()


class OwnLog:
    """The log's key, and what it answers."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._public = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._id = hashlib.sha256(self._public).digest()

    def trusted(self, url: str) -> dict[str, object]:
        """Return the log as a trusted root names it."""
        return {
            "baseUrl": url,
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": _text(self._public),
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                "validFor": {"start": "2000-01-01T00:00:00Z"},
            },
            "logId": {"keyId": _text(self._id)},
        }

    def enter(self, proposed: bytes, at: int) -> bytes:
        """Return the answer to a proposed entry, entered at a Unix time."""
        body = _canonical(json.loads(proposed))
        leaf = hashlib.sha256(b"\0" + body).digest()
        root = hashlib.sha256(b"\1" + _FIRST + leaf).digest()
        entry = {
            "body": _text(body),
            "integratedTime": at,
            "logID": self._id.hex(),
            "logIndex": 7,  # of all trees
        }
        proof = {
            "checkpoint": self._checkpoint(root),
            "hashes": [_FIRST.hex()],
            "logIndex": 1,
            "rootHash": root.hex(),
            "treeSize": 2,
        }
        promise = _text(self._sign(_canonical(entry)))
        said = {**entry, "verification": {"inclusionProof": proof, "signedEntryTimestamp": promise}}
        return json.dumps({leaf.hex(): said}).encode()

    def _checkpoint(self, root: bytes) -> str:
        note = f"{_ORIGIN}\n2\n{_text(root)}\n"
        signed = _text(self._id[:4] + self._sign(note.encode()))
        return f"{note}\n\N{EM DASH} {_ORIGIN} {signed}\n"

    def _sign(self, data: bytes) -> bytes:
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


def _canonical(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
