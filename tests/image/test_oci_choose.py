"""Which image of an index is taken."""

import json
from pathlib import Path

import pytest

from careen.errors import ImageError, InputError
from careen.model.image import Platform
from careen.model.runs.meter import Meter
from careen.oci.compress import packed
from careen.oci.image import Layer
from careen.oci.manifest import Compression
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive, OciArchive, OciLayout, StoredImage
from tests.support.images import MEDIA, file, finish, layer, oci_layout, put, put_image, tar_of

PLATFORMS = {"amd64": {}, "arm64": {}, "arm": {"variant": "v7"}}


def index(path: Path) -> OciLayout:
    """A nested index of one image per platform, with an attestation, as BuildKit writes it."""
    found = [
        put_image(
            path,
            [layer(file("arch", name))],
            config={"architecture": name, **more},
            platform={"os": "linux", "architecture": name, **more},
        )
        for name, more in PLATFORMS.items()
    ]
    about = put(
        path,
        b'{"schemaVersion": 2}',
        MEDIA + "manifest.v1+json",
        platform={"os": "unknown", "architecture": "unknown"},
    )
    inner = put(
        path,
        json.dumps({"schemaVersion": 2, "manifests": [*found, about]}).encode(),
        MEDIA + "index.v1+json",
    )
    return OciLayout(finish(path, [inner]))


@pytest.mark.parametrize(
    ("want", "got"),
    [
        (Platform("linux", "amd64"), "linux/amd64"),
        (Platform("linux", "arm64"), "linux/arm64"),
        (Platform("linux", "arm"), "linux/arm/v7"),
        (Platform("linux", "arm", "v7"), "linux/arm/v7"),
    ],
)
def test_platform(tmp_path: Path, want: Platform, got: str) -> None:
    with open_image(index(tmp_path / "image"), want, tmp_path) as image:
        assert image.ref.platform == got


@pytest.mark.parametrize(
    ("machine", "got"), [("x86_64", "linux/amd64"), ("aarch64", "linux/arm64")]
)
def test_default_is_the_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, got: str
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    with open_image(index(tmp_path / "image"), None, tmp_path) as image:
        assert image.ref.platform == got


def test_missing_platform(tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=(
            r"no image for linux/arm/v6; available: linux/amd64, linux/arm/v7, linux/arm64 \(choose"
            r" with --platform\)"
        ),
    ):
        open_image(index(tmp_path / "image"), Platform("linux", "arm", "v6"), tmp_path)


def saved_of_one_platform(path: Path, held: bool = True) -> Path:
    """Make a layout as `docker save` writes it from a store of containerd that pulled one platform:
    the index names both, and manifest.json the one that is there.
    """
    layers = [layer(file("arch", "amd64"))]
    pulled = put_image(path, layers, "none", platform={"os": "linux", "architecture": "amd64"})
    absent = {
        "mediaType": MEDIA + "manifest.v1+json",
        "digest": "sha256:" + "a" * 64,
        "size": 500,
        "platform": {"os": "linux", "architecture": "arm64"},
    }
    both = [pulled, absent] if held else [absent]
    inner = json.dumps({"schemaVersion": 2, "manifests": both}).encode()
    finish(path, [put(path, inner, MEDIA + "index.v1+json")])
    manifest = json.loads((path / blob(pulled["digest"])).read_bytes())
    saved = {
        "Config": blob(manifest["config"]["digest"]),
        "RepoTags": ["app:1"],
        "Layers": [blob(each["digest"]) for each in manifest["layers"]],
    }
    (path / "manifest.json").write_text(json.dumps([saved]))
    return path


def blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


@pytest.mark.parametrize("kind", [DockerArchive, OciArchive, OciLayout])
def test_platforms_that_the_index_names_and_nobody_pulled_are_left_out(
    tmp_path: Path, kind: type[StoredImage]
) -> None:
    path = saved_of_one_platform(tmp_path / "image")
    archive = tmp_path / "saved.tar"
    archive.write_bytes(tar_of(path))
    reference = kind(path if kind is OciLayout else archive)
    with open_image(reference, None, tmp_path) as image:
        assert image.ref.platform == "linux/amd64"
        assert image.ref.manifest_digest is not None
    with pytest.raises(InputError, match="no image for linux/arm64; available: linux/amd64"):
        open_image(reference, Platform("linux", "arm64"), tmp_path)


def test_an_index_of_which_nothing_was_pulled_is_refused(tmp_path: Path) -> None:
    path = saved_of_one_platform(tmp_path / "image", held=False)
    with pytest.raises(
        ImageError, match="none of the manifests that the index names is in it: sha256:a"
    ):
        open_image(OciLayout(path), None, tmp_path)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_several_variants_the_one_that_is_asked_for_is_opened(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    path = tmp_path / "image"
    platforms = [
        Platform("linux", "arm", "v6"),
        Platform("linux", "arm", "v7"),
        Platform("linux", "arm"),
    ]
    found = [
        put_image(
            path,
            [layer(file("variant", platform.variant))],
            config={"architecture": "arm"},  # states no variant, as many do
            platform={"os": "linux", "architecture": "arm"}
            | ({"variant": platform.variant} if platform.variant else {}),
        )
        for platform in platforms
    ]
    reference = OciLayout(finish(path, [found[i] for i in order]))
    for platform, descriptor in zip(platforms, found, strict=True):
        with open_image(reference, platform, tmp_path) as image:
            assert image.ref.digest == descriptor["digest"]


def test_the_only_image_is_taken_unless_another_platform_is_asked_for(tmp_path: Path) -> None:
    reference = OciLayout(
        oci_layout(tmp_path / "image", [layer(file("a"))], config={"architecture": "s390x"})
    )
    with open_image(reference, None, tmp_path) as image:
        assert image.ref.platform == "linux/s390x"
    with pytest.raises(InputError, match="available: linux/s390x"):
        open_image(reference, Platform("linux", "amd64"), tmp_path)


def test_unknown_tag_lists_the_tags(tmp_path: Path) -> None:
    path = oci_layout(tmp_path / "image", [layer(file("a"))], tag="v1")
    with pytest.raises(InputError, match="no image is tagged 'v2'; there are: v1"):
        open_image(OciLayout(path, "v2"), None, tmp_path)


def test_two_untagged_images_for_one_platform(tmp_path: Path) -> None:
    path = tmp_path / "image"
    found = [put_image(path, [layer(file(name))]) for name in "ab"]
    with pytest.raises(
        InputError, match="holds 2 images for linux/amd64 and no tag tells them apart"
    ):
        open_image(OciLayout(finish(path, found)), Platform("linux", "amd64"), tmp_path)


@pytest.mark.parametrize("compression", list(Compression))
def test_packed_bytes_do_not_depend_on_the_threads(
    tmp_path: Path, compression: Compression
) -> None:
    data = layer(file("a", bytes(range(256)) * 40_000), file("b", b"b" * 5_000_000))
    with open_image(OciLayout(oci_layout(tmp_path / "image", [data])), None, tmp_path) as image:
        only: Layer = image.layers[0]
        one, four = (b"".join(packed(only, compression, Meter(), threads)) for threads in (1, 4))
    assert one == four
