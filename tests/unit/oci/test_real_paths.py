"""Where a path of a database really lies."""

import pytest

from careen.model.paths import ImagePath
from careen.oci.tree.real_paths import RealPaths
from tests.support.trees import Exec, Link, tree

ROOTFS = tree(
    {
        "/lib": Link("usr/lib"),
        "/usr/lib/libc.so": Link("libc.so.6"),
        "/usr/lib/libc.so.6": Exec(b"x"),
        "/usr/lib/deep": Link("../share/./deep"),
        "/usr/share/deep/file": "y",
        "/loop": Link("loop"),
        "/out": Link("../../usr"),
        "/dangling": Link("nowhere"),
    }
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("/lib/libc.so.6", "/usr/lib/libc.so.6"),
        ("/lib/libc.so", "/usr/lib/libc.so"),
        ("/lib", "/lib"),
        ("/lib/", "/usr/lib"),
        ("/lib/.", "/usr/lib"),
        ("/lib/..", "/usr"),
        ("/lib/deep/../deep//file", "/usr/share/deep/file"),
        ("/out/lib/libc.so.6", "/usr/lib/libc.so.6"),
        ("lib/libc.so.6", "/usr/lib/libc.so.6"),
        ("/dangling", "/dangling"),
        ("/../lib/libc.so.6", "/usr/lib/libc.so.6"),
        ("/", "/"),
    ],
)
def test_links_above_the_last_name_are_followed(text: str, place: str) -> None:
    real = RealPaths(ROOTFS)
    assert real.find(text) == place
    assert real.place(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "/loop/x",
        "/dangling/x",
        "/usr/lib/libc.so.6/x",
        "/usr/lib/libc.so.6/..",
        "/usr/lib/libc.so/",
        "/none/x",
        "/" + "a/" * 3000 + "b",
    ],
)
def test_what_has_no_directory_has_no_place(text: str) -> None:
    assert RealPaths(ROOTFS).place(text) is None
    assert RealPaths(ROOTFS).find(text) is None


def test_what_is_not_there_has_a_place_in_its_directory() -> None:
    assert RealPaths(ROOTFS).place("/lib/gone") == "/usr/lib/gone"
    assert RealPaths(ROOTFS).find("/lib/gone") is None


def test_a_base_is_where_relative_paths_start() -> None:
    real = RealPaths(ROOTFS)
    assert real.find("../lib/libc.so.6", ImagePath("/usr/share")) == "/usr/lib/libc.so.6"
    assert real.find("/lib/libc.so.6", ImagePath("/usr/share")) == "/usr/lib/libc.so.6"
    assert real.find("libc.so.6", ImagePath("/usr/share")) is None


@pytest.mark.parametrize("way", ["d/../", "./", "/"])
def test_a_walk_through_links_has_an_end(way: str) -> None:
    """The kernel takes 40 links of 4,095 bytes: 16 ms for a walk, of which an image can ask for a
    million.
    """
    half = way * (600 // way.count("/"))
    rootfs = tree(
        {"/d": None, "/one": Link(f"{half}file"), "/two": Link(f"{half}one"), "/file": "x"}
    )
    assert rootfs.walk("/one").end == "/file"
    assert rootfs.walk("/two").final is None
    assert rootfs.walk("/two").links == ("/two", "/one")
