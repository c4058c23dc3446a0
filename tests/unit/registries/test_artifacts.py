"""What is fetched of an artifact: JSON documents within a budget, and nothing of a model."""

import json
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ImageError
from careen.oci.hashing import digest_of_bytes
from careen.oci.manifest import OCI_MANIFEST, Descriptor
from careen.oci.reference import RegistryImage
from careen.oci.select import blob_name
from careen.registries.artifacts import MOST_BLOBS, Blob, Budget, blobs_of
from careen.registries.skopeo import Call
from careen.tools.process import Finished

JSON = "application/vnd.dsse.envelope.v1+json"
MODEL = "application/vnd.example.model.weights"


class Registry:
    """Answers skopeo's calls with one artifact, and notes its verbs."""

    def __init__(self, *layers: tuple[str, bytes, int]) -> None:
        items = [
            {"mediaType": kind, "digest": str(digest_of_bytes(data)), "size": size}
            for kind, data, size in layers
        ]
        config = {"mediaType": JSON, "digest": str(digest_of_bytes(b"{}")), "size": 2}
        document = {"schemaVersion": 2, "config": config, "layers": items}
        self.raw = json.dumps(document).encode()
        self.blobs = [self.raw, *(data for _, data, _ in layers)]
        self.verbs: list[str] = []

    def call(self, call: Call) -> Finished:
        self.verbs.append(call.verb)
        if call.verb == "copy":
            folder = Path(call.words[-1].removeprefix("oci:").removesuffix(":artifact"))
            for data in self.blobs:
                path = folder / blob_name(digest_of_bytes(data))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        return Finished(0, self.raw, b"")

    def read(self, folder: Path, most: int = 1000, kind: str = OCI_MANIFEST) -> tuple[Blob, ...]:
        skopeo: Any = self
        artifact = Descriptor(kind, digest_of_bytes(self.raw), len(self.raw))
        image = RegistryImage("r.example/a:1")
        return blobs_of(image, artifact, folder / "new", skopeo, Budget(most))


def test_documents_are_read_beside_other_layers(tmp_path: Path) -> None:
    registry = Registry((JSON, b"{1}", 3), (MODEL, b"weights", 7), (f"{JSON};version=1", b"{2}", 3))
    assert [blob.data for blob in registry.read(tmp_path)] == [b"{1}", b"{2}"]


def test_a_model_is_not_fetched(tmp_path: Path) -> None:
    registry = Registry(
        (MODEL, b"", 80 << 30), *((MODEL, bytes([n]), 1) for n in range(MOST_BLOBS))
    )
    assert registry.read(tmp_path) == ()
    assert registry.verbs == ["inspect"]
    assert registry.read(tmp_path, kind="application/vnd.oci.image.index.v1+json") == ()


def test_more_than_the_budget_is_refused_before_it_is_fetched(tmp_path: Path) -> None:
    registry = Registry((JSON, b"{1}", 3), (MODEL, b"weights", 80 << 30))
    with pytest.raises(ImageError, match=r"bytes, more than the 1,000 that are still fetched"):
        registry.read(tmp_path)
    many = Registry(*((JSON, str(n).encode(), 1) for n in range(MOST_BLOBS + 1)))
    with pytest.raises(ImageError, match="has 65 documents"):
        many.read(tmp_path)
    assert registry.verbs == many.verbs == ["inspect"]


def test_a_budget_is_of_all_artifacts_together(tmp_path: Path) -> None:
    registry: Any = Registry((JSON, b"{1}", 3))
    artifact = Descriptor(OCI_MANIFEST, digest_of_bytes(registry.raw), len(registry.raw))
    budget = Budget(9)
    image = RegistryImage("r.example/a:1")
    blobs_of(image, artifact, tmp_path / "1", registry, budget)
    assert budget.left == 4
    with pytest.raises(ImageError, match="more than the 4"):
        blobs_of(image, artifact, tmp_path / "2", registry, budget)


def test_what_is_not_as_listed_is_not_used(tmp_path: Path) -> None:
    registry = Registry((JSON, b"{1}", 3))
    registry.blobs = [registry.raw]
    with pytest.raises(ImageError, match="not as its list says"):
        registry.read(tmp_path)
