"""How an image is found in what a registry sends: by platform, and nothing by other digests."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from careen.errors import ImageError, InputError
from careen.model.image import Platform
from careen.oci.hashing import digest_of_bytes
from careen.oci.manifest import (
    DOCKER_INDEX,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    parse_descriptor,
)
from careen.oci.reference import in_registry
from careen.registries.manifests import at_digest, find, raw_config
from careen.registries.skopeo import Call, Skopeo
from careen.tools.process import Finished
from tests.support.images import config_of

AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")
NAME = in_registry("r.example/team/web:1")


@dataclass(slots=True)
class Served(Skopeo):
    """A registry's documents by name, and by digest."""

    documents: dict[str, bytes] = field(default_factory=dict)

    def attempt(self, call: Call) -> Finished:
        return Finished(0, self.documents[call.words[-1]], b"")

    def add(self, document: Any, name: object = None, media_type: str = OCI_MANIFEST) -> Any:
        """Serve a document by its digest, and under a name; return its descriptor."""
        data = json.dumps(document).encode()
        digest = digest_of_bytes(data)
        self.documents[str(NAME.at(digest))] = data
        if name is not None:
            self.documents[str(name)] = data
        return {"mediaType": media_type, "digest": str(digest), "size": len(data)}


def manifest(mark: str, **more: Any) -> dict[str, Any]:
    digest = str(digest_of_bytes(mark.encode()))
    return {
        "schemaVersion": 2,
        "config": {"mediaType": OCI_CONFIG, "digest": digest, "size": len(mark)},
        "layers": [{"mediaType": OCI_LAYER + "+gzip", "digest": digest, "size": 7, **more}],
    }


def index(*items: dict[str, Any], media_type: str = OCI_INDEX) -> dict[str, Any]:
    return {"schemaVersion": 2, "mediaType": media_type, "manifests": list(items)}


def of(platform: Platform, descriptor: dict[str, Any]) -> dict[str, Any]:
    stated = {"os": platform.os, "architecture": platform.architecture}
    return {**descriptor, "platform": stated}


@pytest.mark.parametrize("kind", [OCI_INDEX, DOCKER_INDEX])
def test_the_image_of_the_platform_is_found(kind: str) -> None:
    served = Served()
    amd, arm = served.add(manifest("amd")), served.add(manifest("arm"))
    attestation = {
        **served.add(manifest("proof")),
        "platform": {"os": "unknown", "architecture": "unknown"},
    }
    served.add(index(of(AMD, amd), of(ARM, arm), attestation, media_type=kind), NAME)
    found = find(NAME, ARM, served)
    assert str(found.digest) == arm["digest"]
    assert found.named != found.digest
    assert found.size == 7
    with pytest.raises(
        InputError, match=r"no image for linux/s390x; available: linux/amd64, linux/arm64"
    ):
        find(NAME, Platform("linux", "s390x"), served)


def test_an_image_of_another_platform_is_refused_before_its_layers_are_fetched() -> None:
    config = config_of([])
    served = Served()
    document = {**manifest("amd"), "config": served.add(json.loads(config), None, OCI_CONFIG)}
    served.add(document, NAME)
    found = find(NAME, None, served)
    served.documents[str(NAME.at(found.digest))] = json.dumps(json.loads(config)).encode()
    assert find(NAME, AMD, served) == found
    with pytest.raises(InputError, match=r"no image for linux/arm64; available: linux/amd64"):
        find(NAME, ARM, served)


def test_an_index_in_an_index_is_followed_and_a_deep_one_is_not() -> None:
    served = Served()
    inner = served.add(manifest("amd"))
    for _ in range(3):
        inner = served.add(index(of(AMD, inner)), NAME, OCI_INDEX)
    assert find(NAME, AMD, served).size == 7
    for _ in range(3):
        inner = served.add(index(of(AMD, inner)), NAME, OCI_INDEX)
    with pytest.raises(ImageError, match="indexes nested deeper than"):
        find(NAME, AMD, served)


def test_another_document_than_the_index_names_is_refused() -> None:
    served = Served()
    amd = served.add(manifest("amd"))
    served.add(index(of(AMD, amd)), NAME)
    served.documents[str(NAME.at(amd["digest"]))] += b" "
    with pytest.raises(ImageError, match=r"sent a document with the digest .* nothing of it is"):
        find(NAME, AMD, served)


def test_a_document_of_another_size_is_refused() -> None:
    served = Served()
    amd = served.add(manifest("amd"))
    served.add(index(of(AMD, {**amd, "size": 1})), NAME)
    with pytest.raises(ImageError, match="bytes, expected 1"):
        find(NAME, AMD, served)


def test_a_manifest_that_is_kept_has_the_size_that_the_index_states() -> None:
    served = Served()
    amd = served.add(manifest("amd"))
    where = "a descriptor"
    assert str(at_digest(NAME, parse_descriptor(amd, where), served).digest) == amd["digest"]
    with pytest.raises(ImageError, match="bytes, expected 1"):
        at_digest(NAME, parse_descriptor({**amd, "size": 1}, where), served)


def test_a_blob_on_another_server_is_refused() -> None:
    served = Served()
    served.add(manifest("amd", urls=["http://169.254.169.254/latest"]), NAME)
    with pytest.raises(ImageError, match=r"fetched from other servers \(`urls`\)"):
        find(NAME, None, served)


@pytest.mark.parametrize("data", [b"", b" " * ((8 << 20) + 1)])
def test_what_is_no_manifest_by_its_size_is_refused(data: bytes) -> None:
    served = Served(documents={str(NAME): data})
    with pytest.raises(ImageError, match="bytes, which is no manifest"):
        find(NAME, None, served)


def test_another_config_is_refused() -> None:
    served = Served()
    served.add(manifest("amd"), NAME)
    found = find(NAME, None, served)
    served.documents[str(NAME.at(found.digest))] = b"other"
    with pytest.raises(ImageError, match="nothing of it is used"):
        raw_config(found, served)
    served.documents[str(NAME.at(found.digest))] = b"amd"
    assert raw_config(found, served) == b"amd"
