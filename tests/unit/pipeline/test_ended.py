"""Where an image came from decides who is asked what was signed of it; who is not asked is told."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.model.rbom import ImageRef
from careen.model.runs.run_budget import RunBudget
from careen.oci.open import open_image
from careen.oci.reference import (
    DockerArchive,
    EngineImage,
    OciLayout,
    Reference,
    StorageImage,
)
from careen.pipeline.run.ended import ended_documents
from careen.pipeline.run.known_images import Place
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Located
from tests.support.images import file, layer, oci_layout

ID = "sha256:" + "1d" * 32
REF = ImageRef("a", None, ID, (), "linux/amd64")


def asked(folder: Path, reference: Reference, ref: ImageRef = REF, image_id: str = "") -> Any:
    session = SimpleNamespace(
        store=SimpleNamespace(name="docker"),
        scratch=lambda name: folder / name,
        say=lambda _: None,
        budget=RunBudget(),
        skopeo=None,
    )
    place = cast("Place", None)
    located = Located(str(reference), reference, place, image_id)
    return ended_documents(located, ref, cast("Session", session))


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        (
            EngineImage("team/web:1"),
            (
                "team/web:1 came from docker's store, so no registry was asked; name"
                " docker://docker.io/team/web:1 to ask its registry"
            ),
        ),
        (EngineImage(ID), f"{ID} came from docker's store, so no registry was asked"),
        (
            StorageImage("team/web:1"),
            "team/web:1 came from containers-storage, so no registry was asked",
        ),
        (
            DockerArchive(Path("web.tar")),
            "docker-archive:web.tar came from an archive of docker, so no registry was asked",
        ),
    ],
)
def test_who_was_not_asked_is_told(tmp_path: Path, reference: Reference, said: str) -> None:
    found = asked(tmp_path, reference)
    assert (found.documents, found.unknown) == ((), (said,))


def test_a_layout_is_read_and_a_damaged_one_is_unknown(tmp_path: Path) -> None:
    layout = OciLayout(oci_layout(tmp_path / "layout", [layer(file("a", "a"))]))
    with open_image(layout, None, tmp_path) as image:
        ref = image.ref
    found = asked(tmp_path, layout, ref)
    assert (found.documents, found.unknown) == ((), ())
    (layout.path / "index.json").write_text("[")
    (line,) = asked(tmp_path, layout, ref).unknown
    assert "index.json: not valid JSON" in line
