"""Edits of one image after each other: a layer that comes out the same is made once, and nothing
else changes.
"""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from careen.model.digest import Digest
from careen.model.paths import ImagePath
from careen.oci.changes.edit import Edit, HistoryNote, LayerCache, edit_image
from careen.oci.extents import Extents
from careen.oci.hashing import digest_of_extents
from careen.oci.image import Image, Layer
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.oci.validate import validate_image
from tests.support.images import file, hardlink, layer, oci_layout

LAYERS = [
    [file("lib/a", "a" * 900), file("lib/b", "b" * 700), file("lib/gone", "g")],
    [
        file("etc/status", "Package: a\n"),
        file("etc/gone", "g"),
        hardlink("etc/again", "etc/status"),
    ],
    [file("app/main", "m"), file("app/extra", "x"), file("app/gone", "g")],
]
KEPT = ("/lib/a", "/lib/b", "/etc/status", "/app/main")


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Image]:
    with open_image(
        OciLayout(oci_layout(tmp_path / "image", [layer(*items) for items in LAYERS])),
        None,
        tmp_path,
    ) as opened:
        yield opened


def edited(
    image: Image,
    keep: tuple[str, ...],
    memory: LayerCache | None,
    replaced: Mapping[str, bytes] | None = None,
) -> Image:
    contents = {ImagePath(path): data for path, data in (replaced or {}).items()}
    return edit_image(
        image,
        Edit(
            [ImagePath(path) for path in keep],
            contents,
            HistoryNote("strip"),
            {},
            "2024-05-06T07:08:09Z",
        ),
        Path(),
        memory,
    )


def test_only_the_layer_of_a_restored_path_is_made_again(image: Image) -> None:
    memory = LayerCache()
    first = edited(image, KEPT, memory)
    assert (memory.reused, memory.hashed) == (0, 3)
    second = edited(image, (*KEPT, "/app/extra"), memory)
    assert (memory.reused, memory.hashed) == (2, 4)
    assert [
        one.diff_id == two.diff_id for one, two in zip(first.layers, second.layers, strict=True)
    ] == [True, True, False]
    assert second.ref == edited(image, (*KEPT, "/app/extra"), None).ref
    assert validate_image(second) == ()


def test_another_content_of_the_same_length_is_another_layer(image: Image) -> None:
    memory = LayerCache()
    one = edited(image, KEPT, memory, {"/etc/status": b"Package: b\n"})
    two = edited(image, KEPT, memory, {"/etc/status": b"Package: c\n"})
    assert (memory.reused, memory.hashed) == (2, 4)
    assert one.layers[1].diff_id != two.layers[1].diff_id
    assert two.ref == edited(image, KEPT, None, {"/etc/status": b"Package: c\n"}).ref


def test_a_memory_never_changes_the_result(image: Image) -> None:
    """Any order of any edits gives what each gives alone."""
    names = [entry.path for entry in image.rootfs() if entry.is_file]
    chance = random.Random(7)  # noqa: S311 — the same choices in every run
    memory = LayerCache()
    for _ in range(60):
        keep = tuple(chance.sample(names, chance.randrange(1, len(names))))
        assert edited(image, keep, memory).ref == edited(image, keep, None).ref
    assert memory.reused > 0


def test_a_digest_that_nobody_computed_here_is_checked(image: Image) -> None:
    told = Layer(Digest("0" * 64), image.layers[0].extents)
    image.layers = (told, *image.layers[1:])
    wrong = f"layers[0]: content has digest {digest_of_extents(told.extents)}"
    assert any(each.startswith(wrong) for each in validate_image(image, rehash=False))


def test_a_layer_that_was_hashed_here_is_hashed_again_on_request_alone(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[Extents] = []

    def noted(extents: Extents) -> Digest:
        hashed.append(extents)
        return digest_of_extents(extents)

    made = edited(image, (*KEPT, "/app/extra", "/app/gone"), None)
    monkeypatch.setattr("careen.oci.validate.digest_of_extents", noted)
    assert validate_image(made, rehash=False) == ()
    assert hashed == []
    assert validate_image(made) == ()
    assert len(hashed) == len(made.layers)
