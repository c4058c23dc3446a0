"""Attestations of any tool: what is read, and what is refused in one line."""

import base64
import json
from typing import Any

import pytest

from careen.errors import ConfigError
from careen.evidence.attest.attestation import (
    MOST_SIGNATURES,
    may_be_attestation,
    read_attestation,
    read_claim,
)

HEX = "a" * 64
STATEMENT: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v0.1",
    "subject": [{"name": "team/embed", "digest": {"sha256": HEX}}],
    "predicateType": "https://cyclonedx.org/bom/v1.5",
    "predicate": {},
}


def envelope(content: bytes, count: int = 1, **given: Any) -> dict[str, Any]:
    return {
        "payloadType": "application/vnd.in-toto+json",
        "payload": base64.b64encode(content).decode(),
        "signatures": [{"sig": base64.b64encode(b"signed").decode()}] * count,
        **given,
    }


def bundle(signed: Any, **material: Any) -> dict[str, Any]:
    kind = "application/vnd.dev.sigstore.bundle+json;version=0.2"
    return {"verificationMaterial": material, "dsseEnvelope": signed, "mediaType": kind}


WRITTEN = json.dumps(STATEMENT).encode()


@pytest.mark.parametrize(
    ("document", "signatures", "hint", "identity"),
    [
        (STATEMENT, 0, "", False),
        (envelope(WRITTEN, 2), 2, "", False),
        (bundle(envelope(WRITTEN), publicKey={"hint": "h"}), 1, "h", False),
        (bundle(envelope(WRITTEN), certificate={"rawBytes": ""}), 1, "", True),
        (bundle(envelope(WRITTEN), x509CertificateChain={}), 1, "", True),
    ],
)
def test_the_forms_of_an_attestation(
    document: Any, signatures: int, hint: str, identity: bool
) -> None:
    data = json.dumps(document).encode()
    assert may_be_attestation(data)
    found = read_attestation(data, "x")
    assert found is not None
    assert found.payload == WRITTEN
    assert [each.key_hint for each in found.signatures] == [hint] * signatures
    assert [each.identity is not None for each in found.signatures] == [identity] * signatures
    claim = read_claim(found.payload, "x")
    assert claim.subjects == {f"sha256:{HEX}": "team/embed"}


@pytest.mark.parametrize("document", [{"bomFormat": "CycloneDX"}, {"mediaType": "x"}])
def test_another_document_is_none(document: Any) -> None:
    assert read_attestation(json.dumps(document).encode(), "x") is None


def test_a_signature_of_the_image_itself_says_nothing() -> None:
    signature = {**bundle(None), "messageSignature": {}}
    del signature["dsseEnvelope"]
    assert read_attestation(json.dumps(signature).encode(), "x") is None


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (envelope(WRITTEN, MOST_SIGNATURES + 1), "signatures: more than the 16"),
        (envelope(WRITTEN, payloadType="text/plain"), "payloadType: expected application/vnd"),
        (envelope(WRITTEN, payload="{"), "a text is not base64"),
        (envelope(WRITTEN, payload="é"), "a text is not base64"),
        (envelope(WRITTEN, signatures=[{"sig": "é"}]), "a text is not base64"),
        (envelope(WRITTEN, signatures=[{"sig": 1}]), "sig: expected a string"),
        (envelope(WRITTEN, signatures=[1]), r"signatures\[0\]: expected an object"),
        (bundle([]), "dsseEnvelope: expected an object"),
    ],
)
def test_a_damaged_attestation_is_one_line(document: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=f"^place: .*{said}") as failed:
        read_attestation(json.dumps(document).encode(), "place")
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"_type": "other"}, "_type: expected an in-toto statement"),
        ({"subject": []}, "subject: names no SHA-256 digest"),
        ({"subject": [{"digest": {"sha256": "A" * 64}}]}, "subject: names no SHA-256 digest"),
        ({"subject": None}, "subject: expected an array"),
        ({"predicate": "text"}, "predicate: expected an object"),
        ({"predicateType": None}, "predicateType: expected a string"),
    ],
)
def test_a_statement_that_says_nothing_is_one_line(change: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=f"^place: {said}"):
        read_claim(json.dumps({**STATEMENT, **change}).encode(), "place")


@pytest.mark.parametrize("data", [b"{", b"[]", WRITTEN[:-9], b"\xff", b"[" * 100_000])
def test_a_truncated_one_is_one_line(data: bytes) -> None:
    with pytest.raises(ConfigError, match=r"^place: ") as failed:
        read_attestation(data, "place")
    assert "\n" not in str(failed.value)
