"""Layers cut anew: the same merged root in other layers, byte for byte the same for the same input."""

import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.oci.changes.cut import Cut, LayerGroup
from careen.oci.changes.edit import Edit, HistoryNote, LayerCache, edit_image
from careen.oci.image import Image, Layer
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.oci.validate import validate_image
from tests.support.images import (
    device,
    directory,
    file,
    hardlink,
    layer,
    oci_layout,
    opaque,
    symlink,
    whiteout,
)

CREATED = "2024-05-06T07:08:09Z"
CAPABLE = {"SCHILY.xattr.security.capability": "\1\2"}
LAYERS = [
    [
        directory("usr", mtime=11),
        directory("usr/lib", 0o2755, uid=3, gid=4),
        file("usr/lib/a", "a" * 700, mtime=1_700_000_000.25),
        hardlink("usr/lib/again", "usr/lib/a"),
        file("usr/lib/ping", "p", 0o4755, pax=CAPABLE),
        hardlink("usr/lib/ping4", "usr/lib/ping", 0o4755, pax=CAPABLE),
        file("usr/lib/lost", "the bytes that are to go"),
        file("etc/conf", "below"),
        directory("var/old"),
        file("var/old/x", "x"),
        device("dev/null", 1, 3),
    ],
    [
        file("etc/conf", "above", 0o600, uid=7),
        whiteout("usr/lib/lost"),
        opaque("var/old"),
        file("var/old/new", "n"),
        symlink("lib", "usr/lib"),
        directory("empty", 0o700),
        file("app/main", "m"),
        file("usr/lib/" + "long" * 40, "l"),
    ],
]


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Image]:
    with opened(tmp_path / "image", [layer(*items) for items in LAYERS]) as found:
        yield found


def opened(where: Path, layers: Sequence[bytes]) -> Image:
    return open_image(OciLayout(oci_layout(where, layers)), None, where.parent)


def group(title: str, *paths: str) -> LayerGroup:
    return LayerGroup(title, [ImagePath(path) for path in paths])


GROUPS = (
    group(
        "system",
        *("/dev/null", "/lib", "/usr/lib/a", "/usr/lib/again", "/usr/lib/ping", "/usr/lib/ping4"),
    ),
    group("rest", "/etc/conf", "/usr/lib/" + "long" * 40, "/var/old/new"),
    group("application", "/app/main", "/empty"),
)


def cut(
    image: Image,
    groups: Sequence[LayerGroup] = GROUPS,
    times: Mapping[str, float] | None = None,
    memory: LayerCache | None = None,
    replaced: Mapping[str, bytes] | None = None,
) -> Image:
    keep = [entry.path for entry in image.rootfs()]
    edit = Edit(
        keep,
        {ImagePath(path): data for path, data in (replaced or {}).items()},
        HistoryNote("careen strip"),
        {},
        CREATED,
        cut=Cut(groups, {ImagePath(path): time for path, time in (times or {}).items()}),
    )
    return edit_image(image, edit, Path(), memory)


def stripped_of_place(entry: Entry) -> Entry:
    return replace(entry, layer=0, inode=0)


def members(one: Layer) -> list[tarfile.TarInfo]:
    with one.open() as stream, tarfile.open(fileobj=stream) as tar:
        return list(tar)


def test_the_merged_root_is_the_same(image: Image) -> None:
    result = cut(image)
    before, after = image.rootfs(), result.rootfs()
    assert [stripped_of_place(entry) for entry in after] == [
        stripped_of_place(entry) for entry in before
    ]
    for entry in before:
        if entry.is_file:
            assert after.read(entry.path, 1000) == before.read(entry.path, 1000)
    assert after[ImagePath("/usr/lib/a")].inode == after[ImagePath("/usr/lib/again")].inode
    assert validate_image(result) == ()


def test_a_new_link_states_the_files_capabilities(image: Image) -> None:
    # Engines call lchown(2) on each link, which drops them.
    found = {each.name: each for one in cut(image).layers for each in members(one)}
    assert found["usr/lib/ping4"].islnk()
    assert found["usr/lib/ping4"].pax_headers == CAPABLE
    assert found["usr/lib/again"].pax_headers == {}


def test_no_layer_hides_or_repeats_a_file_of_another(image: Image) -> None:
    seen: set[str] = set()
    for one in cut(image).layers:
        for member in members(one):
            assert ".wh." not in member.name
            assert member.isdir() or member.name not in seen
            seen.add(member.name)
        with one.open() as stream:
            assert b"the bytes that are to go" not in stream.read()


def test_each_layer_states_its_directories_with_their_own_attributes(image: Image) -> None:
    stated = [
        (member.mode, member.uid, member.gid)
        for one in cut(image).layers
        for member in members(one)
        if member.name == "usr/lib"
    ]
    assert stated == [(0o2755, 3, 4), (0o2755, 3, 4)]


def test_another_builder_s_headers_give_the_same_layers(image: Image, tmp_path: Path) -> None:
    """The layers of one builder have pax headers, those of the other GNU's, in another order."""
    files = [file("usr/lib/a", "a", mtime=5), directory("usr", mtime=7), file("app/main", "m")]
    parts = (group("one", "/usr/lib/a"), group("two", "/app/main"))
    one = opened(tmp_path / "pax", [layer(*files)])
    two = opened(
        tmp_path / "gnu",
        [layer(files[2], form=tarfile.GNU_FORMAT), layer(*files[:2], form=tarfile.GNU_FORMAT)],
    )
    with one, two:
        assert cut(one, parts).ref.diff_ids == cut(two, parts).ref.diff_ids


def test_a_time_changes_one_path_and_nothing_else(image: Image) -> None:
    result = cut(image, times={"/usr": 1.0, "/usr/lib/a": 2.0, "/usr/lib/again": 2.0})
    after = {str(entry.path): entry.mtime for entry in result.rootfs()}
    before = {str(entry.path): entry.mtime for entry in image.rootfs()}
    assert after == {**before, "/usr": 1.0, "/usr/lib/a": 2.0, "/usr/lib/again": 2.0}


def test_a_replaced_name_of_a_file_becomes_a_file_of_its_own(image: Image) -> None:
    after = cut(image, replaced={"/usr/lib/again": b"other"}).rootfs()
    assert after.read(ImagePath("/usr/lib/again"), 100) == b"other"
    assert after.read(ImagePath("/usr/lib/a"), 1000) == b"a" * 700


def test_the_history_has_a_line_for_each_layer(image: Image) -> None:
    result = cut(image)
    assert [one.history for one in result.layers] == [
        {"created": CREATED, "created_by": title} for title in ("system", "rest", "application")
    ]
    assert [item.get("empty_layer", False) for item in result.config.history] == [
        *(True, True),
        *(False, False, False),
        True,
    ]


def test_only_a_group_that_changed_is_made_again(image: Image) -> None:
    memory = LayerCache()
    first = cut(image, memory=memory)
    second = cut(image, memory=memory, replaced={"/app/main": b"new"})
    assert (memory.reused, memory.hashed) == (2, 4)
    assert first.ref.diff_ids[:2] == second.ref.diff_ids[:2]
    assert second.ref == cut(image, replaced={"/app/main": b"new"}).ref


@pytest.mark.parametrize(
    "groups",
    [
        GROUPS[:2],
        (*GROUPS, group("twice", "/app/main")),
        (*GROUPS, group("strange", "/nowhere")),
    ],
    ids=["missing", "twice", "unknown"],
)
def test_groups_that_do_not_match_are_refused(image: Image, groups: Sequence[LayerGroup]) -> None:
    with pytest.raises(InputError, match="do not match the kept paths"):
        cut(image, groups)
