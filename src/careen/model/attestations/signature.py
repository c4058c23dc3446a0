"""A signature with what says whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature's bytes, made by a key or by an identity.

    `key_hint` is the SHA-256 of the public key (DER, base64), "" for an identity. `identity` is a
    bundle's verification material with the certificate, None for a key.
    """

    value: bytes
    key_hint: str = ""
    identity: Mapping[str, Any] | None = None
