"""Properties: merging is what a naive model says; whatever is kept comes out as it went in; headers
mean what they say to another reader.
"""

import io
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from careen.errors import ImageError
from careen.model.entry import EntryKind
from careen.oci.changes.append import restore_files
from careen.oci.changes.edit import Edit, HistoryNote, edit_image
from careen.oci.extents import BytesPart, Extents, ZeroPart
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive, parse_reference
from careen.oci.tar.read import read_members
from careen.oci.tar.write import END, TarHeaderFields, header
from careen.oci.tree.rootfs import Rootfs
from tests.support.images import (
    Item,
    directory,
    docker_archive,
    file,
    hardlink,
    layer,
    opaque,
    symlink,
    whiteout,
)

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
ITEMS = st.one_of(
    st.builds(file, PATHS, st.binary(max_size=3), st.sampled_from([0o644, 0o755])),
    st.builds(directory, PATHS, st.sampled_from([0o700, 0o755])),
    st.builds(symlink, PATHS, st.just("nowhere")),
    st.builds(whiteout, PATHS),
    st.builds(opaque, PATHS),
    st.builds(hardlink, PATHS, PATHS),
)
STACKS = st.lists(st.lists(ITEMS, max_size=6), min_size=1, max_size=4)


class RefusedError(Exception):
    """The model finds the stack contradictory."""


Tree = dict[str, tuple[str, int | None, list[bytes | str]]]


def under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


class Own:
    """One layer by itself, as a flat dict: what it states, hides and makes opaque. Written without
    a look at the code under test.
    """

    def __init__(self) -> None:
        self.tree: Tree = {}
        self.gone: set[str] = set()
        self.opaque: set[str] = set()

    def directories(self, *parts: str) -> None:
        for end in range(1, len(parts) + 1):
            above = "/".join(parts[:end])
            if above in self.gone:
                raise RefusedError
            if self.tree.setdefault(above, ("directory", None, [""]))[0] != "directory":
                raise RefusedError

    def take(self, item: Item) -> None:
        *above, last = item.name.split("/")
        self.directories(*above)
        if last == ".wh..wh..opq":
            self.opaque.add("/".join(above))
        elif last.startswith(".wh."):
            victim = "/".join([*above, last[4:]])
            if victim in self.tree or victim in self.gone:
                raise RefusedError
            self.gone.add(victim)
        else:
            self.state(item)

    def state(self, item: Item) -> None:
        old, new = self.tree.get(item.name), self.stated(item)
        if old is None or (old[0], new[0]) != ("directory", "directory"):
            self.tree = {
                path: value for path, value in self.tree.items() if not under(path, item.name)
            }
            self.gone = {path for path in self.gone if not under(path, item.name)}
            self.opaque = {path for path in self.opaque if not under(path, item.name)}
        self.tree[item.name] = new

    def stated(self, item: Item) -> tuple[str, int | None, list[bytes | str]]:
        if item.kind == tarfile.LNKTYPE:
            target = self.tree.get(item.link)
            if target is None or target[0] == "directory" or item.link == item.name:
                raise RefusedError
            mode = target[1] if target[0] == "symlink" else item.mode
            for path, value in self.tree.items():
                if value[2] is target[2]:
                    self.tree[path] = (value[0], mode, value[2])
            return (target[0], mode, target[2])
        if item.kind == tarfile.DIRTYPE:
            return ("directory", item.mode, [""])
        return (
            ("symlink", item.mode, [item.link])
            if item.kind == tarfile.SYMTYPE
            else ("file", item.mode, [item.data])
        )


def cover(tree: Tree, own: Own) -> None:
    """Lay a layer over the tree below."""

    def drop(folder: str, *, itself: bool) -> None:
        for path in [path for path in tree if under(path, folder) and (itself or path != folder)]:
            del tree[path]

    for path in own.gone:
        drop(path, itself=True)
    for path in own.opaque:
        drop(path, itself=False)
    for path, (kind, mode, value) in sorted(own.tree.items()):
        below = tree.get(path)
        if kind != "directory" or below is None or below[0] != "directory":
            drop(path, itself=True)
            below = None
        tree[path] = (
            kind,
            mode if mode is not None else below[1] if below is not None else 0o755,
            value,
        )


def model(stack: Sequence[Sequence[Item]]) -> dict[str, str]:
    """Stack the layers as an overlay does."""
    tree: Tree = {}
    for items in stack:
        own = Own()
        for item in items:
            own.take(item)
        cover(tree, own)
    return {
        "/" + path: f"{kind} {mode:o} {value[0]!r}" for path, (kind, mode, value) in tree.items()
    }


def seen(rootfs: Rootfs) -> dict[str, str]:
    out = {}
    for entry in rootfs:
        value: bytes | str = rootfs.read(entry.path, 99) if entry.is_file else entry.target
        out[str(entry.path)] = f"{entry.kind.value} {entry.mode:o} {value!r}"
    out.pop("/")
    return out


def opened(folder: str, stack: Sequence[Sequence[Item]]) -> Image:
    path = docker_archive(Path(folder) / "saved.tar", [layer(*items) for items in stack])
    return open_image(DockerArchive(path), None, Path(folder))


@settings(max_examples=300, deadline=None)
@given(STACKS)
def test_merge_is_what_the_model_says(stack: list[list[Item]]) -> None:
    try:
        expected: dict[str, str] | None = model(stack)
    except RefusedError:
        expected = None
    with tempfile.TemporaryDirectory() as folder, opened(folder, stack) as image:
        try:
            found: dict[str, str] | None = seen(image.rootfs())
        except ImageError:
            found = None
    assert found == expected


@settings(max_examples=200, deadline=None)
@given(STACKS, st.data())
def test_an_edit_keeps_exactly_what_it_is_told(
    stack: list[list[Item]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(folder, stack) as image:
        try:
            before = seen(image.rootfs())
        except ImageError:
            return
        paths = sorted(entry.path for entry in image.rootfs() if entry.path != "/")
        keep = data.draw(st.lists(st.sampled_from(paths), min_size=1, unique=True)) if paths else []
        if not keep:
            return
        closed = {
            above
            for path in keep
            for above in before
            if path == above or path.startswith(above + "/")
        }
        result = edit_image(
            image, Edit(keep, {}, HistoryNote("careen"), {}, "2024-01-01T00:00:00Z"), Path(folder)
        )
        assert seen(result.rootfs()) == {
            path: text for path, text in before.items() if path in closed
        }
        old, new = image.rootfs(), result.rootfs()
        linked = {
            (a.path, b.path)
            for a in old
            for b in old
            if a.inode == b.inode and a.path in closed and b.path in closed
        }
        assert linked == {
            (a.path, b.path) for a in new for b in new if a.inode == b.inode and a.path != "/"
        }
        for item in result.layers:
            with item.open() as stream, tarfile.open(fileobj=stream) as tar:
                assert not [member.name for member in tar if ".wh." in member.name]


@settings(max_examples=100, deadline=None)
@given(STACKS, st.data())
def test_what_is_put_back_on_an_edit_is_the_edit_that_kept_it(
    stack: list[list[Item]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(folder, stack) as image:
        try:
            paths = sorted(entry.path for entry in image.rootfs() if entry.path != "/")
        except ImageError:
            return
        if not paths:
            return
        keep, more = (
            data.draw(st.lists(st.sampled_from(paths), min_size=1, unique=True)) for _ in range(2)
        )
        edits = [
            edit_image(
                image,
                Edit(one, {}, HistoryNote("careen"), {}, "2024-01-01T00:00:00Z"),
                Path(folder),
            )
            for one in (keep, [*keep, *more])
        ]
        result = restore_files(
            edits[0], image, more, HistoryNote("careen: a trial"), "2024-01-01T00:00:00Z"
        )
        assert result.ref.diff_ids[:-1] == edits[0].ref.diff_ids
        assert seen(result.rootfs()) == seen(edits[1].rootfs())


TEXT = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=60
)


@given(
    st.lists(TEXT, min_size=1, max_size=4).map("/".join),
    st.sampled_from([EntryKind.FILE, EntryKind.SYMLINK, EntryKind.FIFO]),
    st.integers(0, 0o7777),
    st.tuples(st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 32) - 1)),
    st.integers(-(10**9), 10**10),
    st.dictionaries(st.sampled_from(["user.a", "security.capability"]), st.binary(max_size=20)),
)
def test_headers_are_read_back_by_careen_and_by_tarfile(
    name: str,
    kind: EntryKind,
    mode: int,
    owner: tuple[int, int],
    mtime: int,
    xattrs: dict[str, bytes],
) -> None:
    link = "t" * 150 if kind is EntryKind.SYMLINK else ""
    data = header(TarHeaderFields(name, kind, mode, *owner, 0, mtime, link, xattrs=xattrs)) + END
    member = next(iter(read_members(Extents([BytesPart(data)]), "test")))
    assert (member.name, member.kind, member.mode, member.uid, member.gid) == (
        name,
        kind,
        mode,
        *owner,
    )
    assert (member.mtime, member.link, dict(member.xattrs)) == (mtime, link, xattrs)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        info = tar.next()
    assert info is not None
    assert (info.name, info.mode, info.uid, info.gid, info.mtime, info.linkname) == (
        name.rstrip("/"),
        mode,
        *owner,
        mtime,
        link,
    )


PARTS = st.lists(
    st.one_of(st.binary(max_size=20).map(BytesPart), st.integers(0, 20).map(ZeroPart)), max_size=8
)


@given(PARTS, st.data())
def test_extents_read_like_the_joined_bytes(
    parts: list[BytesPart | ZeroPart], data: st.DataObject
) -> None:
    whole = b"".join(
        part.data if isinstance(part, BytesPart) else bytes(part.size) for part in parts
    )
    extents = Extents(parts)
    assert extents.size == len(whole)
    start = data.draw(st.integers(0, len(whole)))
    size = data.draw(st.integers(0, len(whole) - start))
    assert Extents(extents.slice(start, size)).read_at(0, size + 1) == whole[start : start + size]
    with extents.open() as stream:
        stream.seek(start)
        assert stream.read(size) == whole[start : start + size]
        assert stream.seek(0, io.SEEK_END) == len(whole)


@given(st.binary(max_size=2000))
def test_any_bytes_are_entries_or_one_error(data: bytes) -> None:
    ends: list[int] = []
    message = ""
    try:
        ends.extend(member.end for member in read_members(Extents([BytesPart(data)]), "test"))
    except ImageError as error:
        message = str(error)
    assert "\n" not in message
    assert all(end <= len(data) for end in ends)


@given(
    st.sampled_from(["docker-archive", "oci", "oci-archive"]),
    st.text("abc/._-", min_size=1),
    st.text("abc/._-:0", max_size=9),
)
def test_references_are_written_as_they_were_read(transport: str, path: str, tag: str) -> None:
    text = f"{transport}:{Path(path)}" + (f":{tag}" if tag else "")
    assert str(parse_reference(text)) == text
