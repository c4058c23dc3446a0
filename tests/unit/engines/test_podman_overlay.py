"""Podman's store as it lies on disk: what is read, and what is refused of a damaged one."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from careen.engines.stores.podman_overlay import is_of_registry, open_podman_overlay
from careen.errors import CareenError
from careen.model.runs.run_budget import RunBudget
from careen.oci.manifest import OCI_LAYER
from careen.oci.open import Unpacker

LOW, HIGH = "1" * 64, "2" * 64


def config(*layers: str) -> bytes:
    return json.dumps({"rootfs": {"diff_ids": [f"sha256:{layer}" for layer in layers]}}).encode()


def record(layer: str, **fields: Any) -> dict[str, Any]:
    return {"id": layer, "diff-digest": f"sha256:{layer}", **fields}


@pytest.fixture
def unpacker(tmp_path: Path) -> Iterator[Unpacker]:
    (tmp_path / "scratch").mkdir()
    with ExitStack() as files:
        yield Unpacker(tmp_path / "scratch", files, RunBudget())


def store(folder: Path, text: bytes, layers: object, top: object = HIGH) -> str:
    """Write a store with one image and return the image's digest."""
    digest = hashlib.sha256(text).hexdigest()
    name = base64.b64encode(f"sha256:{digest}".encode()).decode()
    (folder / "overlay-images" / digest).mkdir(parents=True)
    (folder / "overlay-images" / digest / f"={name}").write_bytes(text)
    (folder / "overlay-images" / "images.json").write_text(
        json.dumps([{"id": digest, "layer": top}])
    )
    (folder / "overlay-layers").mkdir()
    (folder / "overlay-layers" / "layers.json").write_text(json.dumps(layers))
    return digest


@pytest.mark.parametrize(
    ("layers", "top", "said"),
    [
        ([record(HIGH, parent=LOW)], HIGH, "has no layer '1111"),
        ([record(HIGH, parent=HIGH)], HIGH, "or too many"),
        ([record("../../etc")], "../../etc", "is no id"),
        ([record(HIGH)], HIGH, "other layers than the image's config"),
        ([record(HIGH, parent=LOW), record(LOW)], None, "other layers than the image's config"),
        ([{"id": HIGH}], HIGH, "expected a string"),
        ({"id": HIGH}, HIGH, "expected an array"),
        (["x"], HIGH, "expected an object"),
    ],
)
def test_a_damaged_store_is_refused(
    layers: object, top: object, said: str, tmp_path: Path, unpacker: Unpacker
) -> None:
    digest = store(tmp_path, config(LOW, HIGH), layers, top)
    with pytest.raises(CareenError, match=said):
        open_podman_overlay(tmp_path, digest, unpacker)


@pytest.mark.parametrize("image_id", ["", "sha256:", "../x", "A" * 64])
def test_an_id_that_is_none_is_refused(image_id: str, tmp_path: Path, unpacker: Unpacker) -> None:
    with pytest.raises(CareenError, match="not an id of podman's store"):
        open_podman_overlay(tmp_path, image_id, unpacker)


def test_a_link_in_place_of_the_config_is_not_followed(tmp_path: Path, unpacker: Unpacker) -> None:
    digest = store(tmp_path, config(), [], None)
    (path,) = (tmp_path / "overlay-images" / digest).iterdir()
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CareenError):
        open_podman_overlay(tmp_path, digest, unpacker)


@pytest.mark.parametrize(
    ("kinds", "of_registry"),
    [
        ((f"{OCI_LAYER}+gzip", f"{OCI_LAYER}+zstd"), True),
        ((f"{OCI_LAYER}+gzip", OCI_LAYER), False),
        ((), False),
        (("application/x",), False),
        (None, False),
    ],
)
def test_only_a_manifest_with_compressed_layers_can_be_of_a_registry(
    kinds: tuple[str, ...] | None, tmp_path: Path, *, of_registry: bool
) -> None:
    digest = store(tmp_path, config(), [], None)
    blob = {"digest": f"sha256:{'3' * 64}", "size": 1}
    if kinds is not None:
        manifest = {
            "schemaVersion": 2,
            "config": {**blob, "mediaType": "application/vnd.oci.image.config.v1+json"},
            "layers": [{**blob, "mediaType": kind} for kind in kinds],
        }
        (tmp_path / "overlay-images" / digest / "manifest").write_text(json.dumps(manifest))
    assert is_of_registry(tmp_path, f"sha256:{digest}") is of_registry
