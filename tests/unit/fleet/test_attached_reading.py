"""What is read of the artifacts of an image in a registry, and what is left out."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from careen.errors import ImageError, InputError, VerificationError
from careen.evidence.attest.attestation import Attestation
from careen.evidence.sbom import bounded_json
from careen.model.digest import Digest
from careen.oci.manifest import Descriptor
from careen.oci.reference import RegistryImage
from careen.pipeline.fleet import attached as module
from careen.pipeline.fleet.attached import MOST_ARTIFACTS, Attached
from careen.pipeline.fleet.trust import UnsignedError
from careen.registries.artifacts import Blob
from tests.support.fleet import LOG4J, sbom

OWN, INDEX = Digest("a" * 64), Digest("b" * 64)
IN_TOTO = "application/vnd.in-toto+json"
Read = Callable[..., Attached]


class Signer:
    """Trusts what names it, and finds what names it falsely."""

    name, fingerprint = "the key cosign.pub", "1"

    def signed(self, attestation: Attestation, where: str) -> bool:
        if b"forged" in attestation.payload:
            msg = f"{where}: the signature is not of the key"
            raise VerificationError(msg)
        return b"ours" in attestation.payload


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Return an image with one artifact for each blob; an error is one that cannot be fetched.

    With `index` they are attached to an index that has the image.
    """

    def attached(*blobs: Blob | Exception, trust: Any = None, index: bool = False) -> Attached:
        named = INDEX if index else OWN
        found = {Digest(f"{place:064x}"): blob for place, blob in enumerate(blobs)}

        def fetched(_image: object, artifact: Descriptor, *_: object) -> tuple[Blob, ...]:
            blob = found[artifact.digest]
            if isinstance(blob, Exception):
                raise blob
            return (blob,)

        listed = tuple(Descriptor("", digest, 1) for digest in found)
        monkeypatch.setattr(module, "find", lambda *_: SimpleNamespace(digest=OWN, named=named))
        monkeypatch.setattr(
            module,
            "artifacts_about",
            lambda _image, digests, *_: listed if digests == (named,) else (),
        )
        monkeypatch.setattr(module, "blobs_of", fetched)
        session: Any = SimpleNamespace(
            settings=SimpleNamespace(platform=None),
            scratch=lambda _: tmp_path / "scratch",
            say=lambda _: None,
        )
        skopeo: Any = None
        return Attached(RegistryImage("r.example/shop/app:1"), session, trust, skopeo)

    return attached


def free(_size: int) -> None:
    """There is room."""


def attested(predicate: object, *subjects: Digest, kind: str = "https://cyclonedx.org/bom") -> Blob:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": each.hex}} for each in subjects or (OWN,)],
        "predicateType": kind,
        "predicate": predicate,
    }
    return Blob(IN_TOTO, json.dumps(statement).encode())


OURS = attested({"by": "ours"})


def test_a_bad_artifact_is_a_reason_and_the_rest_is_read(read: Read) -> None:
    bad = (Blob(IN_TOTO, b"{"), attested({}, INDEX), ImageError("the registry lies"))
    found = read(*bad, OURS)
    assert list(found.documents(free).values()) == [OURS.data]
    said = ("not valid JSON", "attached to another image", "the registry lies")
    assert len(found.refused) == len(said)
    assert all(each in line for each, line in zip(said, found.refused, strict=True))
    assert (found.has_sbom, found.forged) == (True, False)


def test_what_the_signer_did_not_sign_is_left_out_whatever_it_is(read: Read) -> None:
    others = (
        Blob(IN_TOTO, b"{"),
        attested({}, INDEX),
        attested([]),
        Blob(IN_TOTO, b'{"_type": 1}'),
    )
    found = read(*others, OURS, trust=Signer())
    assert list(found.documents(free).values()) == [OURS.data]
    assert found.refused == ()
    with pytest.raises(UnsignedError, match="none of its 3 attestations is signed by the key"):
        read(*others, trust=Signer()).documents(free)


def test_a_wrong_signature_is_a_reason_and_the_rest_is_read(read: Read) -> None:
    found = read(attested({"by": "forged"}), OURS, trust=Signer())
    assert list(found.documents(free).values()) == [OURS.data]
    assert found.forged
    assert "the signature is not of the key" in found.refused[0]


def test_plain_vex_is_no_sbom(read: Read) -> None:
    vex = json.loads(sbom(1, []))
    vex["vulnerabilities"] = [{"id": "CVE-1"}]
    kind = "application/vnd.cyclonedx+json"
    assert read(Blob(kind, json.dumps(vex).encode())).documents(free) == {}
    assert read(Blob(kind, sbom(1, [LOG4J]))).documents(free) != {}


def test_what_is_attested_to_an_index_is_of_none_of_its_platforms(read: Read) -> None:
    plain = Blob("application/vnd.cyclonedx+json", sbom(1, [LOG4J]))
    found = read(attested({}, INDEX), plain, OURS, index=True)
    assert list(found.documents(free).values()) == [OURS.data]
    assert ["is about the index" in line for line in found.refused] == [True, True]
    vex = attested({}, INDEX, kind="https://openvex.dev/ns/v0.2.0")
    assert list(read(vex, index=True).documents(free).values()) == [vex.data]


def test_an_inventory_of_several_images_is_of_none_of_them(read: Read) -> None:
    found = read(attested({}, OWN, Digest("c" * 64)))
    assert (found.documents(free), found.has_sbom) == ({}, False)
    assert "is about 2 images; expected one" in found.refused[0]


def test_an_image_with_very_many_artifacts_is_one_line(read: Read) -> None:
    found = read(*[OURS] * (MOST_ARTIFACTS + 1))
    with pytest.raises(InputError, match="257 artifacts are attached to it, more than the 256"):
        found.documents(free)


def test_a_document_of_too_many_values_is_not_parsed(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_json, "MAX_VALUES", 20)
    large = Blob(IN_TOTO, b'{"a":[' + b"[]," * 30)
    found = read(large, OURS)
    assert list(found.documents(free).values()) == [OURS.data]
    assert "more than 20 JSON values" in found.refused[0]
