"""The image that a reference names among several, and the message that lists the choices."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.errors import InputError
from careen.model.digest import Digest
from careen.oci.docker_archive import SavedImage, pick
from careen.oci.manifest import CONTAINERD_NAME, REF_NAME, Descriptor, Index
from careen.oci.select import tagged

SAVED = (
    SavedImage("0.json", ("app:1", "app:latest"), ()),
    SavedImage("1.json", (), ()),
    SavedImage("2.json", ("registry.example:5000/app:1",), ()),
)


def refused(ref: str | None, saved: tuple[SavedImage, ...] = SAVED) -> str:
    with pytest.raises(InputError) as caught:
        pick(saved, ref, "x.tar")
    return str(caught.value)


@pytest.mark.parametrize(
    ("ref", "config"),
    [
        ("app:1", "0.json"),
        ("app", "0.json"),
        ("docker.io/library/app:1", "0.json"),
        ("registry.example:5000/app:1", "2.json"),
        ("@0", "0.json"),
        ("@1", "1.json"),
        ("@002", "2.json"),
    ],
)
def test_an_image_of_an_archive_is_picked_by_tag_or_number(ref: str, config: str) -> None:
    assert pick(SAVED, ref, "x.tar").config == config


def test_the_only_image_of_an_archive_needs_no_name_but_a_wrong_name_is_refused() -> None:
    assert pick(SAVED[1:2], None, "x.tar").config == "1.json"
    assert refused("app:2", SAVED[1:2]) == (
        "x.tar: no image is called 'app:2'; name one of them after a colon: @0"
    )


@pytest.mark.parametrize(
    "ref", ["@3", "@-1", "@", "@²", "@\u0661", "@" + "9" * 5000, "app:2", "@0 "]
)
def test_a_name_that_no_image_has_lists_the_images(ref: str) -> None:
    message = refused(ref)
    assert message.startswith(f"x.tar: no image is called {ref!r}")
    assert message.endswith("after a colon: app:1, @1, registry.example:5000/app:1")


def test_several_images_of_one_name_and_none_named_are_told_apart() -> None:
    assert refused(None).startswith("x.tar: holds several images;")
    assert refused("app:1", (SAVED[0], SAVED[0])).startswith("x.tar: 2 images are called 'app:1';")


def index(*names: str, key: str = REF_NAME) -> Index:
    return Index(tuple(Descriptor("", Digest("0" * 64), 1, {key: name}) for name in names))


@pytest.mark.parametrize("tag", ["app:1", "docker.io/library/app:1", "app"])
def test_a_layout_s_image_is_found_by_either_annotation(tag: str) -> None:
    name = "docker.io/library/app:1" if tag != "app" else "docker.io/library/app:latest"
    assert len(tagged(index(name, "b", key=CONTAINERD_NAME), tag, "oci:x")) == 1
    assert len(tagged(index(tag, "b"), tag, "oci:x")) == 1


def test_a_layout_without_tags_says_so() -> None:
    bare = Index((Descriptor("", Digest("0" * 64), 1),))
    assert tagged(bare, None, "oci:x") == bare.manifests
    with pytest.raises(InputError, match="its images have no tags, leave the tag out"):
        tagged(bare, "a", "oci:x")


@pytest.mark.parametrize("tag", [None, "none"])
def test_a_list_of_thousand_long_names_stays_one_short_line(tag: str | None) -> None:
    names = [f"{number:04}{'x' * 5000}" for number in range(1000)]
    with pytest.raises(InputError) as caught:
        tagged(index(*names), tag, "oci:x")
    archive = refused(tag, tuple(SavedImage("c", (name,), ()) for name in names))
    for message in (str(caught.value), archive):
        assert f"0000{'x' * 196}…, 0001" in message
        assert message.endswith("… and 980 more")
        assert len(message) < 5000


@given(st.text(max_size=20))
def test_any_name_is_an_image_or_one_error(ref: str) -> None:
    try:
        found = pick(SAVED, ref, "x.tar")
    except InputError:
        return
    assert found in SAVED
    if ref.startswith("@"):
        assert re.fullmatch("@0*[012]", ref)
