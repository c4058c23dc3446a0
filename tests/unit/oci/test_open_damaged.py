"""A damaged layer ends the opening of an image, whatever else is read of it meanwhile."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from careen.errors import ImageError
from careen.model.runs.run_budget import RunBudget
from careen.oci import open as module
from careen.oci.extents import Extents
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.oci.tree.nodes import Merged
from tests.support.images import file, layer, oci_layout

LAYERS = [layer(file("one", "1" * 5000)), layer(file("two", "2" * 5000))]


def test_a_damaged_layer_ends_the_merge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    oci_layout(tmp_path, LAYERS, compression="none")
    blobs = (tmp_path / "blobs/sha256").iterdir()
    (blob,) = (each for each in blobs if b"1" * 5000 in each.read_bytes())
    blob.write_bytes(blob.read_bytes().replace(b"1" * 5000, b"0" * 5000))
    given_up = []

    def merge(layers: Sequence[Extents], _run: RunBudget) -> Merged:
        for _ in range(3000):
            try:
                layers[1].read_at(0, 1)
            except ImageError as error:
                given_up.append(str(error))
                raise
            time.sleep(0.01)
        pytest.fail("the merge is not told")

    monkeypatch.setattr(module, "merge", merge)
    with pytest.raises(ImageError, match="does not match its digest"):
        open_image(OciLayout(tmp_path, None), None, tmp_path)
    assert given_up == ["merging the layers was given up, as one of them is damaged"]
