"""What a layout holds about its image: cosign's tags and its own layout, referrers, BuildKit's."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ImageError
from careen.model.attestations.ended import EndedDocument, EndedKind
from careen.model.digest import Digest
from careen.model.runs.run_budget import RunBudget
from careen.oci.index.ended_stored import stored_documents
from careen.oci.manifest import OCI_INDEX, OCI_MANIFEST, REF_NAME
from careen.oci.open import open_image
from careen.oci.reference import OciArchive, OciLayout
from tests.support.images import file, layer, oci_layout, put, tar_of

SLSA = "https://slsa.dev/provenance/v1"
EMPTY = "application/vnd.oci.empty.v1+json"


class Layout:
    """A layout of one image, to which documents about it are added."""

    def __init__(self, path: Path) -> None:
        self.path = oci_layout(path, [layer(file("a", "a"))], tag="1")
        (self.image,) = self.index["manifests"]
        self.digest = Digest(self.image["digest"].removeprefix("sha256:"))
        self.tag = f"sha256-{self.digest.hex}"

    @property
    def index(self) -> Any:
        return json.loads((self.path / "index.json").read_text())

    def put(self, data: bytes, kind: str, **more: Any) -> dict[str, Any]:
        return put(self.path, data, kind, **more)

    def put_manifest(self, text: bytes, **more: Any) -> tuple[dict[str, Any], str]:
        """Write a manifest with one layer of this text; return its descriptor, and the layer's."""
        one = self.put(text, "application/x", annotations={"predicateType": SLSA})
        document = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": self.put(b"{}", EMPTY),
            "layers": [one],
            **more,
        }
        made = self.put(json.dumps(document).encode(), OCI_MANIFEST)
        return made, one["digest"]

    def list(self, *items: dict[str, Any]) -> None:
        """Add descriptors to index.json."""
        index = self.index
        index["manifests"] += items
        (self.path / "index.json").write_text(json.dumps(index))

    def found(self) -> tuple[EndedDocument, ...]:
        folder = self.path.parent
        (archive := folder / "layout.tar").write_bytes(tar_of(self.path))
        laid_out = stored_documents(OciLayout(self.path), self.digest, folder, RunBudget())
        packed = stored_documents(OciArchive(archive), self.digest, folder, RunBudget())
        assert [(each.kind, each.digest) for each in packed] == [
            (each.kind, each.digest) for each in laid_out
        ]
        return laid_out


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    made = Layout(tmp_path / "layout")
    yield made
    # Whatever lies beside it, the image can be opened, without a name if no other image has one.
    others = {"all", "other"} & {
        each.get("annotations", {}).get(REF_NAME) for each in made.index["manifests"]
    }
    for tag in ("1",) if others else ("1", None):
        with open_image(OciLayout(made.path, tag), None, tmp_path) as image:
            assert image.ref.manifest_digest == str(made.digest)


def named(item: dict[str, Any], name: str) -> dict[str, Any]:
    return {**item, "annotations": {REF_NAME: name}}


def test_an_image_alone_has_none(layout: Layout) -> None:
    assert layout.found() == ()


def test_cosigns_tags_are_found(layout: Layout) -> None:
    signed, signature = layout.put_manifest(b"signature")
    attested, statement = layout.put_manifest(b"statement")
    of_other, _ = layout.put_manifest(b"of another image")
    layout.list(
        named(signed, f"{layout.tag}.sig"),
        named(attested, f"r.example/team/web:{layout.tag}.att"),
        named(of_other, f"sha256-{'0' * 64}.sig"),
    )
    assert [(each.kind, each.digest, each.type) for each in layout.found()] == [
        (EndedKind.SIGNATURE, signature, SLSA),
        (EndedKind.ATTESTATION, statement, SLSA),
    ]


def test_referrers_are_found_by_their_subject_and_by_the_list_under_the_tag(
    layout: Layout,
) -> None:
    subject = {key: layout.image[key] for key in ("mediaType", "digest", "size")}
    notary = "application/vnd.cncf.notary.signature"
    signed, _ = layout.put_manifest(b"one", subject=subject, artifactType=notary)
    sbom, _ = layout.put_manifest(b"two", subject=subject, artifactType="application/spdx+json")
    listed = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [sbom]}
    fallback = layout.put(json.dumps(listed).encode(), OCI_INDEX)
    layout.list(signed, named(fallback, layout.tag))
    found = {(each.kind, each.digest, each.type) for each in layout.found()}
    assert (EndedKind.SIGNATURE, signed["digest"], notary) in found
    assert (EndedKind.SBOM, sbom["digest"], "application/spdx+json") in found
    assert {digest for _, digest, _ in found} == {signed["digest"], sbom["digest"]}


def test_a_layout_of_cosign_save_is_known_by_its_annotations(layout: Layout) -> None:
    signed, signature = layout.put_manifest(b"signature")
    layout.list({**signed, "annotations": {"kind": "dev.cosignproject.cosign/sigs"}})
    (found,) = layout.found()
    assert (found.kind, found.digest) == (EndedKind.SIGNATURE, signature)


def test_what_is_about_an_index_with_the_image_is_found(layout: Layout) -> None:
    inner = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [layout.image]}
    top = layout.put(json.dumps(inner).encode(), OCI_INDEX)
    signed, signature = layout.put_manifest(b"signature")
    tag = top["digest"].replace(":", "-")
    layout.list(named(top, "all"), named(signed, f"{tag}.sig"))
    (found,) = layout.found()
    assert (found.digest, found.about) == (signature, top["digest"])


def test_a_manifest_that_is_not_in_the_layout_is_passed_over(layout: Layout) -> None:
    absent = {"mediaType": OCI_MANIFEST, "digest": f"sha256:{'0' * 64}", "size": 3}
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [absent]}
    layout.list(named(layout.put(json.dumps(index).encode(), OCI_INDEX), "other"))
    assert layout.found() == ()


def test_a_list_that_is_none_is_refused_in_one_line(layout: Layout) -> None:
    signed, _ = layout.put_manifest(b"no list")
    layout.list(named(signed, layout.tag))
    with pytest.raises(ImageError, match=rf"{layout.tag}: expected a list of referrers"):
        layout.found()
