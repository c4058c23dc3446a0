"""Unpack hostile indexes: nothing outside the destination is touched, and what is written is what
the index says.
"""

import errno
import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

import pytest

from careen.engines.embedded.materialise import materialise
from careen.errors import CareenError, ImageError, ToolError
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ROOT, ImagePath, ancestors
from careen.oci.tree.rootfs import Rootfs
from careen.tools.remove_tree import remove_tree
from tests.support.trees import Exec, Link, MemoryContent, tree

pytestmark = pytest.mark.root


def entry(path: str, kind: EntryKind = EntryKind.FILE, **fields: object) -> Entry:
    given = {
        "mode": 0o644,
        "uid": 0,
        "gid": 0,
        "size": 0,
        "mtime": 0.0,
        "layer": 0,
        "inode": hash(path),
        **fields,
    }
    return Entry(ImagePath(path), kind, **given)  # type: ignore[arg-type]


def index(*entries: Entry, data: dict[str, bytes] | None = None) -> Rootfs:
    """An index of these entries and the directories above them that are not among them."""
    found = {each.path: each for each in entries}
    for each in entries:
        for above in ancestors(each.path):
            found.setdefault(above, entry(above, EntryKind.DIRECTORY, mode=0o755))
    found.setdefault(ROOT, entry("/", EntryKind.DIRECTORY, mode=0o755))
    return Rootfs(
        found, MemoryContent({ImagePath(path): content for path, content in (data or {}).items()})
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    directory = tmp_path / "out"
    directory.mkdir()
    return directory


def dump(root: Path) -> dict[str, str]:
    """`path: kind mode owner content-or-target`, read without following anything."""
    found = {}
    for directory, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(directory) / name
            seen = path.lstat()
            what = {
                stat.S_IFREG: "file",
                stat.S_IFDIR: "dir",
                stat.S_IFLNK: "link",
                stat.S_IFCHR: "char",
                stat.S_IFBLK: "block",
                stat.S_IFIFO: "fifo",
            }[stat.S_IFMT(seen.st_mode)]
            text = (
                path.read_text()
                if what == "file"
                else str(path.readlink())
                if what == "link"
                else ""
            )
            found[f"/{path.relative_to(root)}"] = (
                f"{what} {stat.S_IMODE(seen.st_mode):o} {seen.st_uid}:{seen.st_gid} {text}".rstrip()
            )
    return found


def test_a_tree_comes_out_as_it_is_in_the_index(out: Path) -> None:
    written = materialise(
        tree(
            {
                "/usr/bin/x": Exec(b"run"),
                "/etc/conf": "text",
                "/lib": Link("usr/lib"),
                "/empty": None,
            }
        ),
        out,
    )
    assert dump(out) == {
        "/usr": "dir 755 0:0",
        "/usr/bin": "dir 755 0:0",
        "/usr/bin/x": "file 755 0:0 run",
        "/etc": "dir 755 0:0",
        "/etc/conf": "file 644 0:0 text",
        "/lib": "link 777 0:0 usr/lib",
        "/empty": "dir 755 0:0",
    }
    assert (written.entries, written.bytes, written.notes) == (7, 7, ())


def test_owners_modes_and_times(out: Path) -> None:
    rootfs = index(
        entry("/", EntryKind.DIRECTORY, mode=0o711, uid=3, gid=4, mtime=7.5),
        entry("/shut", EntryKind.DIRECTORY, mode=0o000, uid=5, gid=6, mtime=1_000_000_000.25),
        entry("/shut/su", mode=0o6755, uid=1000, gid=1001, size=2, mtime=1.5),
        entry("/tmp", EntryKind.DIRECTORY, mode=0o1777),
        entry("/link", EntryKind.SYMLINK, uid=7, gid=8, target="nowhere", mtime=99.0),
        entry("/ancient", mtime=-1e12),
        entry("/future", mtime=1e14),
        data={"/shut/su": b"su"},
    )
    materialise(rootfs, out)
    assert (
        stat.S_IMODE(out.stat().st_mode),
        out.stat().st_uid,
        out.stat().st_gid,
        out.stat().st_mtime,
    ) == (0o711, 3, 4, 7.5)
    assert dump(out)["/shut/su"] == "file 6755 1000:1001 su"
    assert dump(out)["/tmp"] == "dir 1777 0:0"
    assert (out / "shut").stat().st_mtime == 1_000_000_000.25
    assert (out / "shut/su").stat().st_mtime == 1.5
    assert ((out / "link").lstat().st_uid, (out / "link").lstat().st_mtime) == (7, 99.0)
    assert (out / "future").exists()


def test_links_that_lead_out_are_written_and_never_followed(out: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    before = outside.stat()
    rootfs = index(
        entry("/abs", EntryKind.SYMLINK, target=str(outside)),
        entry("/up", EntryKind.SYMLINK, target="../outside"),
        entry("/self", EntryKind.SYMLINK, target="self"),
        entry("/zz/file", size=1),
        data={"/zz/file": b"z"},
    )
    materialise(rootfs, out)
    assert (out / "up").readlink() == Path("../outside")
    after = outside.stat()
    assert (list(outside.iterdir()), after.st_mtime_ns, after.st_uid, after.st_mode) == (
        [],
        before.st_mtime_ns,
        before.st_uid,
        before.st_mode,
    )


@pytest.mark.parametrize("kind", [EntryKind.SYMLINK, EntryKind.FILE, EntryKind.FIFO])
def test_a_file_below_what_is_no_directory_is_refused(
    kind: EntryKind, out: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    rootfs = index(
        entry("/trick", kind, target=str(outside)),
        entry("/trick/file", size=1),
        data={"/trick/file": b"x"},
    )
    with pytest.raises(ImageError, match=r"/trick/file: lies in something that is not a directory"):
        materialise(rootfs, out)
    assert list(outside.iterdir()) == []
    assert list(out.iterdir()) == []


def test_a_missing_parent_is_refused(out: Path) -> None:
    entries = {each.path: each for each in (entry("/", EntryKind.DIRECTORY), entry("/no/where"))}
    with pytest.raises(ImageError, match="/no/where"):
        materialise(Rootfs(entries, MemoryContent({})), out)


def test_hard_links_share_and_only_within_the_tree(out: Path) -> None:
    rootfs = index(
        entry("/a/one", size=3, inode=9, mode=0o4755, uid=1),
        entry("/b/two", size=3, inode=9, mode=0o4755, uid=1),
        entry("/c/three", size=3, inode=9, mode=0o4755, uid=1),
        entry("/other", size=3, inode=10),
        data={"/a/one": b"abc", "/b/two": b"abc", "/c/three": b"abc", "/other": b"abc"},
    )
    written = materialise(rootfs, out)
    one = (out / "a/one").stat()
    assert (one.st_nlink, one.st_ino) == (3, (out / "b/two").stat().st_ino)
    assert (out / "other").stat().st_nlink == 1
    assert dump(out)["/c/three"] == "file 4755 1:0 abc"
    assert written.bytes == 6


def test_devices_and_fifos(out: Path) -> None:
    rootfs = index(
        entry("/dev/null", EntryKind.CHARACTER, mode=0o666, device=(1, 3)),
        entry("/dev/disk", EntryKind.BLOCK, mode=0o660, gid=6, device=(8, 300)),
        entry("/run/pipe", EntryKind.FIFO, mode=0o600),
    )
    materialise(rootfs, out)
    null, disk = (out / "dev/null").stat(), (out / "dev/disk").stat()
    assert (stat.S_ISCHR(null.st_mode), os.major(null.st_rdev), os.minor(null.st_rdev)) == (
        True,
        1,
        3,
    )
    assert (
        stat.S_ISBLK(disk.st_mode),
        os.major(disk.st_rdev),
        os.minor(disk.st_rdev),
        disk.st_gid,
    ) == (True, 8, 300, 6)
    assert dump(out)["/run/pipe"] == "fifo 600 0:0"


def test_names_that_are_long_deep_or_not_utf_8(out: Path) -> None:
    deep = "/" + "/".join(["d" * 250] * 20)  # 5020 bytes: more than one path may hold
    odd = "/na\udce9me/\udcff\udcfe\nnew\tline"
    rootfs = index(
        entry(f"/{'n' * 255}", size=1),
        entry(f"{deep}/end", size=1),
        entry(odd, size=1),
        data={f"/{'n' * 255}": b"1", f"{deep}/end": b"2", odd: b"3"},
    )
    materialise(rootfs, out)
    assert (out / ("n" * 255)).read_text() == "1"
    # the name is bytes
    with open(os.fsencode(out) + b"/na\xe9me/\xff\xfe\nnew\tline", "rb") as stream:  # noqa: PTH123
        assert stream.read() == b"3"
    fd = os.open(out, os.O_RDONLY)
    for _ in range(20):
        below = os.open("d" * 250, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
        os.close(fd)
        fd = below
    assert os.listdir(fd) == ["end"]  # noqa: PTH208 — the path is longer than a path may be
    os.close(fd)


def test_a_chain_of_a_thousand_directories(out: Path) -> None:
    path = "/d" * 1000
    try:
        materialise(index(entry(f"{path}/f", size=2), data={f"{path}/f": b"ok"}), out)
        assert (out / f"{path[1:]}/f").read_bytes() == b"ok"
    finally:
        remove_tree(out)  # pytest's own cleaning recurses
    assert not out.exists()


def test_extended_attributes(out: Path) -> None:
    capability = bytes.fromhex("0100000200040000000000000000000000000000")
    rootfs = index(
        entry(
            "/ping",
            size=1,
            uid=5,
            mode=0o755,
            xattrs={"security.capability": capability, "user.note": b"n"},
        ),
        entry(
            "/dir",
            EntryKind.DIRECTORY,
            mode=0o755,
            xattrs={
                "user.d": b"1",
                "trusted.overlay.opaque": b"y",
                "trusted.overlay.redirect": b"/etc",
            },
        ),
        entry("/odd", xattrs={"nonsense": b"1"}),
        data={"/ping": b"p"},
    )
    written = materialise(rootfs, out)
    assert os.getxattr(out / "ping", "security.capability") == capability
    assert os.getxattr(out / "ping", "user.note") == b"n"
    assert os.listxattr(out / "dir") == ["user.d"]
    assert written.notes == (
        "1 extended attributes 'nonsense' could not be kept",
        "1 extended attributes 'trusted.overlay.opaque' could not be kept",
        "1 extended attributes 'trusted.overlay.redirect' could not be kept",
    )


def test_a_capability_that_cannot_be_written_is_an_error(out: Path) -> None:
    rootfs = index(entry("/ping", xattrs={"security.capability": b"\1"}))
    with pytest.raises(ToolError, match="unpacking the image"):
        materialise(rootfs, out)


class _Short:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def open(self, _: Entry) -> BinaryIO:
        return io.BytesIO(self._content)


def test_content_that_ends_early_is_an_error(out: Path) -> None:
    whole = index(entry("/file", size=10))
    with pytest.raises(ImageError, match=r"/file: its content ends 6 bytes early"):
        materialise(Rootfs({each.path: each for each in whole}, _Short(b"four")), out)


def test_holes_stay_holes(out: Path) -> None:
    """A layer of 2 kB can state a sparse file of gigabytes."""
    size = 256 << 20
    content = bytes(100 << 20) + b"here" + bytes(size - (100 << 20) - 4)
    materialise(index(entry("/a", size=size), data={"/a": content}), out)
    assert (out / "a").stat().st_size == size
    assert (out / "a").stat().st_blocks * 512 <= 2 << 20
    with (out / "a").open("rb") as stream:
        stream.seek(100 << 20)
        assert stream.read(5) == b"here\0"


def test_the_last_of_a_file_system_is_left(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = os.statvfs_result((4096, 4096, 100, 4, 4, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "fstatvfs", lambda _: full)
    content = b"x" * (80 << 20)
    with pytest.raises(CareenError, match=r"unpacking the image: less than 5% of the file system"):
        materialise(index(entry("/a", size=len(content)), data={"/a": content}), out)


def test_content_that_goes_on_is_cut_at_its_size(out: Path) -> None:
    whole = index(entry("/file", size=4))
    materialise(Rootfs({each.path: each for each in whole}, _Short(b"four and more")), out)
    assert (out / "file").read_bytes() == b"four"


def test_a_part_of_a_tree(out: Path) -> None:
    rootfs = tree(
        {"/data/sub/x": "x", "/data/y": "y", "/data-other/z": "z", "/data/l": Link("/etc")}
    )
    materialise(rootfs, out, ImagePath("/data"))
    assert dump(out) == {
        "/sub": "dir 755 0:0",
        "/sub/x": "file 644 0:0 x",
        "/y": "file 644 0:0 y",
        "/l": "link 777 0:0 /etc",
    }


def test_what_is_there_already_is_not_written_over(out: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("safe")
    (out / "file").symlink_to(victim)
    with pytest.raises(ToolError, match=os.strerror(errno.EEXIST)):
        materialise(tree({"/file": "attack"}), out)
    assert victim.read_text() == "safe"
