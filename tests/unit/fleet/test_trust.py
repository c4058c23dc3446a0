"""Whose signature a wrong one is: the signer's, or that of somebody else."""

import os
import time
from pathlib import Path

import pytest

from careen.errors import ToolError, VerificationError
from careen.evidence.attest.attestation import Attestation
from careen.model.attestations.signature import Signature
from careen.pipeline.fleet.trust import Trust
from careen.signing.identity import TrustedIdentity
from careen.signing.key import PublicKey, hint_of


@pytest.fixture(autouse=True)
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every signature is wrong."""

    def refuse(key: PublicKey, *_: object) -> None:
        msg = f"the signature is not of the key {key.name}"
        raise VerificationError(msg)

    monkeypatch.setattr(PublicKey, "verify", refuse)


def signed(key: PublicKey, hint: str, folder: Path) -> bool:
    attestation = Attestation(b"{}", (Signature(b"s", hint),))
    return Trust(key, folder).signed(attestation, "x")


@pytest.mark.parametrize("key", ["awskms:///alias/key", "pkcs11:token=a"])
@pytest.mark.parametrize("hint", ["", "of another key"])
def test_a_key_that_is_not_in_a_file_is_not_taken_for_another(
    key: str, hint: str, tmp_path: Path
) -> None:
    assert not signed(PublicKey(key, ""), hint, tmp_path)


def test_a_key_in_a_file_is_known_by_its_hint(tmp_path: Path) -> None:
    key = PublicKey("cosign.pub", "ours")
    assert not signed(key, "", tmp_path)
    assert not signed(key, "of another key", tmp_path)
    with pytest.raises(VerificationError, match="x: the signature is not of the key"):
        signed(key, "ours", tmp_path)


def test_a_check_ends_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    cosign, begun = tmp_path / "cosign", tmp_path / "begun"
    cosign.write_text(f"#!/bin/sh\n: > {begun}\nexec sleep 60\n")
    cosign.chmod(0o755)
    trust = Trust(PublicKey("cosign.pub", "ours"), tmp_path, begun.exists)
    before = time.monotonic()
    with pytest.raises(ToolError, match="cosign did not end"):
        trust.signed(Attestation(b"{}", (Signature(b"s", "ours"),)), "x")
    assert time.monotonic() - before < 30
    with pytest.raises(ToolError, match="x: the run was ended"):
        trust.signed(Attestation(b"{}", (Signature(b"s", "ours"),)), "x")


@pytest.mark.parametrize("body", ["é", "?"])
def test_a_damaged_key_has_no_hint(body: str) -> None:
    assert hint_of(f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n") == ""


PEM = "-----BEGIN PUBLIC KEY-----\nYWJj\n-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize("text", [f"# of the shop\n{PEM}", f"{PEM}\nkept by ops\n", f"{PEM}{PEM}"])
def test_text_around_a_key_does_not_count(text: str) -> None:
    assert hint_of(text) == hint_of(PEM) != ""


def test_the_first_block_is_the_key() -> None:
    assert hint_of(f"-----BEGIN RSA PUBLIC KEY-----\n{PEM}") == ""


def test_other_authorities_make_another_signer_of_an_identity(tmp_path: Path) -> None:
    prints = set()
    for root in ("", "public", "staging"):
        file = tmp_path / root if root else None
        by = TrustedIdentity("ci@shop.example", "https://i.example", file, (), root)
        prints.add(Trust(by, tmp_path).fingerprint)
    assert len(prints) == 3
