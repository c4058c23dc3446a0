"""The HEALTHCHECK of an image that careen puts into podman's store."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from careen.engines.client.client import PODMAN
from careen.engines.client.engine import ClientEngine
from careen.oci.image import Image
from careen.oci.manifest import DOCKER_MANIFEST, OCI_MANIFEST, Compression
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive, StorageImage
from careen.registries.deliver import make_layout, store
from careen.registries.skopeo import SKOPEO, Skopeo
from careen.tools.process import run
from careen.tools.workspace import Workspace
from tests.support.images import docker_archive, file, layer

pytestmark = [pytest.mark.podman, pytest.mark.root, pytest.mark.skopeo]
CHECK = {"Test": ["CMD", "/bin/check"], "Interval": 30_000_000_000, "Retries": 3}


@contextmanager
def image(folder: Path, **config: Any) -> Iterator[Image]:
    content = layer(file("bin/check", b"mark of the tests", 0o755))
    run_config = {"config": {"Cmd": ["/bin/check"], **config}}
    made = docker_archive(folder / "image.tar", [content], config=run_config)
    with open_image(DockerArchive(made), None, folder) as opened:
        yield opened


def stored(image_id: str) -> tuple[str, object]:
    found = PODMAN.inspect_image(image_id)
    assert found is not None
    return found["ManifestType"], found.get("Healthcheck")


@pytest.mark.parametrize(
    ("config", "form"),
    [({"Healthcheck": CHECK}, DOCKER_MANIFEST), ({}, OCI_MANIFEST)],
    ids=["checked", "unchecked"],
)
def test_podman_has_the_check_of_an_image_that_it_loads(
    space: Workspace, tmp_path: Path, config: dict[str, Any], form: str
) -> None:
    engine = ClientEngine(space, PODMAN)
    with image(tmp_path, **config) as opened:
        first = engine.load_image(opened)
        again = engine.load_image(opened)  # without the layers that are there
    try:
        assert again.handle == first.handle == str(opened.ref.config_digest)
        assert stored(first.handle) == (form, config.get("Healthcheck"))
    finally:
        engine.discard(first)


@pytest.mark.parametrize(
    ("config", "compression", "form"),
    [
        ({"Healthcheck": CHECK}, Compression.GZIP, DOCKER_MANIFEST),
        ({"Healthcheck": CHECK}, Compression.ZSTD, OCI_MANIFEST),  # docker's form has no zstd
        ({}, Compression.GZIP, OCI_MANIFEST),
    ],
    ids=["checked", "zstd", "unchecked"],
)
def test_containers_storage_has_dockers_form_of_an_image_with_a_check(
    tmp_path: Path, config: dict[str, Any], compression: Compression, form: str
) -> None:
    place = StorageImage(f"[vfs@{tmp_path}/root+{tmp_path}/run]localhost/checked:1")
    with image(tmp_path, **config) as opened:
        made = make_layout(opened, tmp_path / "out", {}, compression)
        store(made, place, Skopeo())
    done = run((SKOPEO.require(), "inspect", "--raw", str(place)), timeout=60.0)
    assert json.loads(done.text)["mediaType"] == form
    done = run((SKOPEO.require(), "inspect", "--config", "--raw", str(place)), timeout=60.0)
    assert json.loads(done.text)["config"].get("Healthcheck") == config.get("Healthcheck")
