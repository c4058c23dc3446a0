"""Which image is run: the one that was read."""

from pathlib import Path
from typing import cast

from careen.engines.client.engine import ClientEngine
from careen.model.runs.engine import PreparedImage
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive
from careen.pipeline.profiling.profile import prepare
from tests.support.images import docker_archive, file, layer

ID = f"sha256:{'7' * 64}"


class _Store:
    """A docker whose names have all moved; only ids lead to an image."""

    def prepare_existing(self, name: str) -> PreparedImage:
        assert name.startswith("sha256:"), f"{name}: may be another image by now"
        return PreparedImage(name, name)


def test_an_image_of_the_store_is_run_by_the_id_that_was_read(tmp_path: Path) -> None:
    archive = docker_archive(tmp_path / "image.tar", [layer(file("a", "a"))])
    with open_image(DockerArchive(archive), None, tmp_path, name="my/service:1") as image:
        assert prepare(
            image, cast("ClientEngine", _Store()), {image.ref.config_digest: ID}
        ) == PreparedImage(ID, ID)
