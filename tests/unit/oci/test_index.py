"""An index as a list of platforms, copied and written; hostile ones."""

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ImageError, InputError
from careen.model.digest import Digest
from careen.model.runs.run_budget import RunBudget
from careen.oci.index.listing import StoredIndex, list_platforms
from careen.oci.index.write import (
    check_manifest,
    copy_manifest,
    new_layout,
    place_layout,
    reachable,
    write_index,
    write_layout_archive,
)
from careen.oci.manifest import Descriptor
from careen.oci.reference import OciArchive, OciLayout
from tests.support.images import MEDIA, digest, file, finish, layer, oci_layout, put, tar_of
from tests.support.platform_index import REFERENCE_DIGEST, REFERENCE_TYPE, platform_index

IMAGES = {name: layer(file("etc/name", name)) for name in ("amd64", "arm64", "s390x")}


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    return platform_index(tmp_path / "index", IMAGES)


def opened(path: Path, scratch: Path, tag: str | None = "1") -> StoredIndex:
    return StoredIndex(OciLayout(path, tag), scratch, RunBudget())


def test_images_and_attestations_are_told_apart(layout: Path, tmp_path: Path) -> None:
    listing = opened(layout, tmp_path).listing
    assert [str(item.platform) for item in listing.images] == [
        "linux/amd64",
        "linux/arm64",
        "linux/s390x",
    ]
    assert len(listing.attestations) == 3
    for image in listing.images:
        (about,) = listing.about(image.digest)
        assert about.subject == str(image.digest)
    named = json.loads((layout / "index.json").read_text())["manifests"][0]
    assert str(listing.digest) == named["digest"]
    assert listing.annotations == {"org.opencontainers.image.title": "service"}


def test_referrers_beside_the_index_are_no_platforms(layout: Path, tmp_path: Path) -> None:
    before = opened(layout, tmp_path).listing
    (top,) = json.loads((layout / "index.json").read_text())["manifests"]
    subject = {key: top[key] for key in ("mediaType", "digest", "size")}
    document = {
        "schemaVersion": 2,
        "mediaType": MEDIA + "manifest.v1+json",
        "artifactType": "application/spdx+json",
        "config": put(layout, b"{}", "application/vnd.oci.empty.v1+json"),
        "layers": [],
        "subject": subject,
    }
    referrer = put(layout, json.dumps(document).encode(), MEDIA + "manifest.v1+json")
    finish(layout, [top, referrer])
    for tag in ("1", None):
        assert opened(layout, tmp_path, tag).listing == before


def test_an_archive_is_listed_as_the_layout_is(layout: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.tar"
    path.write_bytes(tar_of(layout))
    reference = OciArchive(path, "1")
    found = StoredIndex(reference, tmp_path, RunBudget()).listing
    assert found == opened(layout, tmp_path).listing


def test_one_image_is_a_list_of_one_without_an_index(tmp_path: Path) -> None:
    path = oci_layout(tmp_path / "one", [IMAGES["amd64"]], "1")
    index = opened(path, tmp_path)
    (image,) = index.listing.images
    assert index.listing.digest is None
    assert image.platform is None
    assert str(index.config_platform(image)) == "linux/amd64"


def test_a_tag_that_is_not_there_is_told(layout: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no image is tagged '2'"):
        opened(layout, tmp_path, "2")
    (tmp_path / "empty.tar").write_bytes(layer(file("manifest.json", "[]")))
    with pytest.raises(InputError, match="no OCI layout is in it"):
        StoredIndex(OciArchive(tmp_path / "empty.tar", None), tmp_path, RunBudget())


def test_one_manifest_may_serve_two_platforms(layout: Path, tmp_path: Path) -> None:
    (first, *_) = opened(layout, tmp_path).listing.images
    twice = [
        dict(first.document),
        {**first.document, "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}},
        dict(first.document),
    ]
    listing = list_platforms(twice, lambda _: b"", "x")
    assert [str(item.platform) for item in listing.images] == ["linux/amd64", "linux/arm/v7"]
    assert listing.digest is None


def annotated(subject: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "mediaType": MEDIA + "manifest.v1+json",
        "digest": "sha256:" + "b" * 64,
        "size": 1,
        "annotations": {
            REFERENCE_TYPE: "attestation-manifest",
            REFERENCE_DIGEST: subject["digest"],
        },
        **more,
    }


@pytest.mark.parametrize(
    "platform",
    [
        {"os": "linux", "architecture": "amd64"},
        {"os": "unknown", "architecture": "amd64"},
        {"os": "", "architecture": ""},
    ],
)
def test_an_image_that_is_annotated_as_an_attestation_is_refused(
    layout: Path, tmp_path: Path, platform: dict[str, str]
) -> None:
    (first, *_) = opened(layout, tmp_path).listing.images
    both = [dict(first.document), annotated(first.document, platform=platform)]
    with pytest.raises(ImageError, match=r"x: manifest sha256:b+: annotated as an attestation"):
        list_platforms(both, lambda _: b"", "x")


def test_an_attestation_without_a_platform_gets_that_of_attestations(
    layout: Path, tmp_path: Path
) -> None:
    # Else clients would take the platform of its configuration.
    (first, *_) = opened(layout, tmp_path).listing.images
    both = [dict(first.document), annotated(first.document)]
    (about,) = list_platforms(both, lambda _: b"", "x").about(first.digest)
    assert about.document["platform"] == {"architecture": "unknown", "os": "unknown"}


def test_an_index_that_holds_itself_ends() -> None:
    # Nobody can make such digests; a reader that does not check them would.
    document = {"schemaVersion": 2, "mediaType": MEDIA + "index.v1+json"}
    itself = {"mediaType": MEDIA + "index.v1+json", "digest": "sha256:" + "a" * 64, "size": 1}
    data = json.dumps({**document, "manifests": [itself]}).encode()
    with pytest.raises(ImageError, match="nested deeper than 4"):
        list_platforms([itself], lambda _: data, "x")


def test_a_wide_index_of_indexes_ends() -> None:
    inner = {"mediaType": MEDIA + "index.v1+json", "size": 1}
    many = [{**inner, "digest": f"sha256:{number:064x}"} for number in range(1000)]
    data = json.dumps({"schemaVersion": 2, "manifests": many}).encode()
    with pytest.raises(ImageError, match="more than 1024 manifests"):
        list_platforms(many[:1], lambda _: data, "x")


def copied(layout: Path, into: Path, scratch: Path) -> list[Mapping[str, Any]]:
    index = opened(layout, scratch)
    new_layout(into)
    kept = [*index.listing.images, *index.listing.attestations]
    for item in kept:
        copy_manifest(index.store, item.descriptor, into, "x")
    return [item.document for item in kept]


@pytest.mark.parametrize("artifacts", [False, True])
def test_copied_manifests_are_the_same_index_again(tmp_path: Path, *, artifacts: bool) -> None:
    layout = platform_index(tmp_path / "index", IMAGES, artifacts=artifacts)
    documents = copied(layout, tmp_path / "copy", tmp_path)
    annotations = {"org.opencontainers.image.title": "service"}
    named = write_index(tmp_path / "copy", documents, annotations, "1")
    old, new = (opened(path, tmp_path).listing for path in (layout, tmp_path / "copy"))
    assert (old.images, old.attestations, old.annotations) == (
        new.images,
        new.attestations,
        new.annotations,
    )
    again = write_index(tmp_path / "copy", documents, annotations, "1")
    assert again == named
    place_layout(tmp_path / "copy", tmp_path / "placed", "2")
    placed = {path.name for path in (tmp_path / "placed" / "blobs" / "sha256").iterdir()}
    for item in old.attestations:
        statement = json.loads((layout / "blobs" / "sha256" / item.digest.hex).read_text())
        parts = (statement["config"], *statement["layers"])
        assert placed >= {part["digest"].partition(":")[2] for part in parts}


def test_a_layout_takes_what_the_index_leads_to_and_no_more(layout: Path, tmp_path: Path) -> None:
    documents = copied(layout, tmp_path / "copy", tmp_path)
    named = write_index(tmp_path / "copy", documents[:1], {}, "result")
    place_layout(tmp_path / "copy", tmp_path / "placed", "2")
    blobs = {path.name for path in (tmp_path / "placed" / "blobs" / "sha256").iterdir()}
    wanted = {found.hex for found in reachable(tmp_path / "copy", named)}
    assert blobs == wanted
    assert len(blobs) == 4  # index, manifest, config, layer
    assert opened(tmp_path / "placed", tmp_path, "2").listing.digest == named.digest


def test_a_placed_layout_shares_no_file_with_the_one_it_is_copied_from(
    layout: Path, tmp_path: Path
) -> None:
    for path in (layout / "blobs" / "sha256").iterdir():
        path.chmod(0o400)  # as in the cache
    place_layout(layout, tmp_path / "placed", "2")
    placed = [path.stat() for path in (tmp_path / "placed" / "blobs" / "sha256").iterdir()]
    assert {(each.st_nlink, each.st_mode & 0o777) for each in placed} == {(1, 0o644)}


def test_equal_layouts_give_equal_archives(layout: Path, tmp_path: Path) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    write_layout_archive(layout, first)
    write_layout_archive(layout, second)
    assert first.getvalue() == second.getvalue()
    with tarfile.open(fileobj=io.BytesIO(first.getvalue())) as archive:
        names = archive.getnames()
    assert names[-2:] == ["index.json", "oci-layout"]


def _manifest(path: Path, changes: Mapping[str, Any]) -> Descriptor:
    config = put(path, b"{}", MEDIA + "config.v1+json")
    one = put(path, b"layer", MEDIA + "layer.v1.tar")
    document = {"schemaVersion": 2, "config": config, "layers": [{**one, **changes}]}
    made = put(path, json.dumps(document).encode(), MEDIA + "manifest.v1+json")
    finish(path, [made])
    return Descriptor(made["mediaType"], Digest.parse(made["digest"], "x"), made["size"])


def test_an_index_is_not_copied_as_a_manifest(layout: Path, tmp_path: Path) -> None:
    index = opened(layout, tmp_path)
    named = json.loads((layout / "index.json").read_text())["manifests"][0]
    descriptor = Descriptor(named["mediaType"], Digest.parse(named["digest"], "x"), named["size"])
    with pytest.raises(ImageError, match="expected a manifest, got an index"):
        check_manifest(index.store, descriptor, "x")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"urls": ["http://169.254.169.254/"]}, "fetched from other servers"),
        ({"digest": "sha256:" + "0" * 64}, "is not in the image"),
        ({"size": 4}, "of 4 bytes is not in the image"),
        ({"digest": digest(b"other"), "size": 5}, "does not match its digest"),
    ],
)
def test_what_is_copied_is_checked(tmp_path: Path, changes: Mapping[str, Any], words: str) -> None:
    descriptor = _manifest(tmp_path / "hostile", changes)
    lie = tmp_path / "hostile" / "blobs" / "sha256" / digest(b"other").partition(":")[2]
    lie.write_bytes(b"laver")
    index = opened(tmp_path / "hostile", tmp_path, None)
    with pytest.raises(ImageError, match=words):
        copy_manifest(index.store, descriptor, new_layout(tmp_path / "copy"), "x")
    assert not (tmp_path / "copy" / "blobs" / "sha256" / digest(b"laver")[7:]).exists()
