"""What a container's changes come to as a patch's layer: each test's image and changes are lists of
entries.
"""

import importlib.util
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ImageError, ToolError
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ImagePath
from careen.oci.changes.append import append_layer
from careen.oci.changes.edit import HistoryNote
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.rewrite.patch_leftovers import LEFTOVERS, is_leftover
from careen.rewrite.patched import PatchedFacts, patched_layer
from tests.support.images import (
    CONFIG,
    Item,
    directory,
    file,
    hardlink,
    layer,
    oci_layout,
    opaque,
    symlink,
    whiteout,
)

CREATED, BEGUN = "2025-06-07T08:09:10Z", 1_700_000_000.0
EPOCH, LATE, OLD = 1_749_283_750, BEGUN + 7, 1_650_000_000
MAGIC = importlib.util.MAGIC_NUMBER


@dataclass(frozen=True)
class Put:
    """A file that a patcher places."""

    entry: Entry
    content: bytes


def put(path: str, content: bytes = b"placed", mode: int = 0o644, mtime: float = OLD) -> Put:
    return Put(
        Entry(ImagePath(path), EntryKind.FILE, mode, 0, 0, len(content), mtime, 0, 0), content
    )


@dataclass(frozen=True)
class Patched:
    """The written layer as Python's own tarfile sees it, and the root of the image with it."""

    members: dict[str, tarfile.TarInfo]
    names: list[str]
    root: dict[str, bytes | None]
    bytes: bytes


class Made:
    """An image, and what patches make of it."""

    def __init__(self, tmp_path: Path, original: Sequence[Item], **run: Any) -> None:
        self._tmp = tmp_path
        self._path = oci_layout(
            tmp_path / "image", [layer(*original)], config={**CONFIG, "config": run}
        )

    def patched(
        self, *changes: Item, placed: Sequence[Put] = (), removed: Sequence[str] = ()
    ) -> Patched | None:
        (self._tmp / "changes.tar").write_bytes(layer(*changes))
        facts = PatchedFacts(CREATED, BEGUN, ("/.careen-sandbox",))
        with open_image(OciLayout(self._path, None), None, self._tmp) as image:
            gone = [ImagePath(path) for path in removed]
            path = patched_layer(image, self._tmp / "changes.tar", placed, gone, facts, self._tmp)
            if path is None:
                return None
            with tarfile.open(path) as tar:
                members = tar.getmembers()
            with append_layer(image, path, HistoryNote("patch"), {}, CREATED) as result:
                rootfs = result.rootfs()
                root = {
                    str(entry.path): rootfs.read(entry.path, 9999) if entry.is_file else None
                    for entry in rootfs
                }
            return Patched(
                {member.name: member for member in members},
                [member.name for member in members],
                root,
                path.read_bytes(),
            )


LIBRARY = [
    directory("usr", mtime=OLD),
    directory("usr/lib", 0o711, mtime=OLD),
    file("usr/lib/old.so", "old", mtime=OLD),
    file("usr/lib/same.so", "same", mtime=OLD),
    file("usr/lib/gone.so", "gone", mtime=OLD),
]


def test_only_what_differs_is_in_the_layer_sorted_with_its_parents_and_without_the_times_of_the_run(
    tmp_path: Path,
) -> None:
    made = Made(tmp_path, LIBRARY)
    got = made.patched(
        directory("usr/lib", 0o711, mtime=LATE),
        file("usr/lib/same.so", "same", mtime=LATE),
        file("usr/lib/old.so", "new", 0o755, mtime=LATE),
        file("usr/lib/new.so", "n", mtime=OLD + 0.5, pax={"SCHILY.xattr.user.mark": "x"}),
        whiteout("usr/lib/gone.so"),
    )
    assert got is not None
    assert got.names == [
        "usr",
        "usr/lib",
        "usr/lib/.wh.gone.so",
        "usr/lib/new.so",
        "usr/lib/old.so",
    ]
    assert {name: member.mtime for name, member in got.members.items()} == {
        "usr": OLD,
        "usr/lib": OLD,
        "usr/lib/.wh.gone.so": 0,
        "usr/lib/new.so": OLD,
        "usr/lib/old.so": EPOCH,
    }
    assert got.members["usr/lib"].mode == 0o711
    assert got.members["usr/lib/old.so"].mode == 0o755
    assert got.members["usr/lib/new.so"].pax_headers["SCHILY.xattr.user.mark"] == "x"
    assert {path: content for path, content in got.root.items() if content is not None} == {
        "/usr/lib/old.so": b"new",
        "/usr/lib/same.so": b"same",
        "/usr/lib/new.so": b"n",
    }


def test_a_hard_link_of_the_layer_states_the_files_capabilities(tmp_path: Path) -> None:
    capable = {"SCHILY.xattr.security.capability": "caps"}
    got = Made(tmp_path, LIBRARY).patched(
        file("usr/lib/new.so", "n", 0o755, mtime=OLD, pax=capable),
        hardlink("usr/lib/newer.so", "usr/lib/new.so", 0o755, mtime=OLD, pax=capable),
    )
    assert got is not None
    link = got.members["usr/lib/newer.so"]
    assert link.islnk()
    assert link.pax_headers == capable


def test_an_image_that_nothing_changed_in_gets_no_layer(tmp_path: Path) -> None:
    made = Made(
        tmp_path,
        [*LIBRARY, directory("tmp", 0o1777), file("var/log/dpkg.log", "before")],
        WorkingDir="/app/src",
        Volumes={"/data": {}},
    )
    assert made.patched() is None
    noise = [
        *(
            directory(name, mtime=LATE)
            for name in (
                ".careen-sandbox",
                "proc",
                "dev",
                "run",
                "app",
                "app/src",
                "data",
                "var/lib/apt/lists",
            )
        ),
        *(
            file(name, "x", mtime=LATE)
            for name in (
                ".dockerenv",
                "etc/hosts",
                "etc/resolv.conf",
                "run/lock",
                "tmp/x",
                "var/log/new.log",
                "root/.cache/pip/http/a",
            )
        ),
        directory("tmp", 0o777, mtime=LATE),
        file("var/log/dpkg.log", "before and after", mtime=LATE),
        file("var/lib/apt/lists/suite", "x"),
        file("var/cache/apt/pkgcache.bin", "x"),
        file("var/lib/dpkg/status-old", "x"),
        directory("usr", mtime=LATE),
        file("usr/lib/same.so", "same", mtime=LATE),
        file("etc/machine-id", "0123"),
    ]
    got = made.patched(*noise)
    assert got is None


def test_logs_stay_as_the_original_has_them_and_a_package_may_bring_a_directory_for_its_own(
    tmp_path: Path,
) -> None:
    made = Made(tmp_path, [file("var/log/dpkg.log", "before"), file("var/log/lost.log", "lost")])
    got = made.patched(
        whiteout("var/log/lost.log"),
        directory("var/log/service", 0o750, uid=7),
        directory("var/log/apt"),
        file("var/log/service/a.log", "a"),
    )
    assert got is not None
    assert got.names == ["var/log/service"]
    assert got.members["var/log/service"].uid == 7
    assert got.root["/var/log/lost.log"] == b"lost"


def test_a_directory_in_the_place_of_a_file_and_a_file_in_the_place_of_a_directory(
    tmp_path: Path,
) -> None:
    made = Made(
        tmp_path,
        [
            file("a", "a"),
            directory("b"),
            file("b/one", "1"),
            directory("c"),
            file("c/old", "old"),
            symlink("d", "a"),
        ],
    )
    got = made.patched(
        directory("a"),
        file("a/in", "in"),
        file("b", "b"),
        directory("c"),
        opaque("c"),
        file("c/new", "new"),
        directory("d"),
        file("d/x", "x"),
    )
    assert got is not None
    assert got.names == ["a", "a/in", "b", "c", "c/.wh.old", "c/new", "d", "d/x"]
    assert {path: content for path, content in got.root.items() if content is not None} == {
        "/a/in": b"in",
        "/b": b"b",
        "/c/new": b"new",
        "/d/x": b"x",
    }


def test_hard_links_stay_and_the_first_name_carries_the_content(tmp_path: Path) -> None:
    got = Made(tmp_path, LIBRARY).patched(
        file("usr/z", "shared", mtime=LATE), hardlink("usr/a", "usr/z"), file("usr/lib/x", "x")
    )
    assert got is not None
    assert (
        got.members["usr/a"].type,
        got.members["usr/z"].type,
        got.members["usr/z"].linkname,
    ) == (tarfile.REGTYPE, tarfile.LNKTYPE, "usr/a")
    assert got.root["/usr/z"] == b"shared"


def test_what_a_patcher_places_and_removes_comes_on_top(tmp_path: Path) -> None:
    made = Made(tmp_path, LIBRARY)
    got = made.patched(
        file("usr/lib/old.so", "from the container"),
        file("opt/tool/bin", "installed"),
        placed=[
            put("/usr/lib/old.so", b"better"),
            put("/srv/new/jar", mtime=LATE),
            put("/usr/lib/same.so", b"same"),
        ],
        removed=["/opt/tool", "/usr/lib/gone.so"],
    )
    assert got is not None
    assert got.names == [
        "opt",
        "srv",
        "srv/new",
        "srv/new/jar",
        "usr",
        "usr/lib",
        "usr/lib/.wh.gone.so",
        "usr/lib/old.so",
    ]
    assert got.root["/usr/lib/old.so"] == b"better"
    assert [got.members[name].mtime for name in ("srv", "srv/new/jar", "usr/lib/old.so")] == [
        EPOCH,
        EPOCH,
        OLD,
    ]
    for path in ("/usr/lib", "/usr/lib/old.so/below"):
        with pytest.raises(ToolError, match="placing"):
            made.patched(placed=[put(path)])


def compiled(mtime: int, size: int, flags: int = 0) -> bytes:
    return (
        MAGIC
        + flags.to_bytes(4, "little")
        + mtime.to_bytes(4, "little")
        + size.to_bytes(4, "little")
        + b"code"
    )


def test_byte_code_stays_only_with_its_own_source(tmp_path: Path) -> None:
    cache = "lib/__pycache__"
    made = Made(
        tmp_path,
        [
            *(
                file(f"lib/{name}.py", name, mtime=OLD)
                for name in ("kept", "gone", "changed", "hashed", "unread")
            ),
            *(
                file(f"{cache}/{name}.cpython-311.pyc", compiled(OLD, len(name)))
                for name in ("kept", "gone", "changed")
            ),
            file(f"{cache}/hashed.cpython-311.pyc", compiled(0, 0, 3)),
            file("lib/gone.pyc", compiled(OLD, 4)),
            file("away/mod.py", "mod", mtime=OLD),
            file("away/__pycache__/mod.cpython-311.opt-1.pyc", compiled(OLD, 3)),
        ],
    )
    got = made.patched(
        whiteout("lib/gone.py"),
        file("lib/changed.py", "changed it", mtime=LATE),
        file("lib/hashed.py", "hashed it", mtime=LATE),
        file("lib/fresh.py", "fresh", mtime=LATE),
        file("lib/dated.py", "dated", mtime=OLD),
        whiteout("away/mod.py"),
        file(f"{cache}/fresh.cpython-311.pyc", compiled(9, 9, 3)),
        file(f"{cache}/dated.cpython-311.pyc", compiled(OLD, 5)),
        file(
            f"{cache}/changed.cpython-311.pyc", compiled(int(LATE), 10)
        ),  # the source's time is clamped: this one would never be used
        file(f"{cache}/kept.cpython-311.pyc", compiled(OLD, 4) + b"!"),
        file(f"{cache}/unread.cpython-311.pyc", compiled(OLD, 6)),  # only imported on the way
        directory("other/__pycache__"),
    )
    assert got is not None
    there = {
        path.rpartition("/")[2].partition(".")[0]
        for path in got.root
        if path.startswith("/lib/__pycache__/")
    }
    assert there == {"kept", "fresh", "dated"}
    assert got.root["/lib/__pycache__/kept.cpython-311.pyc"] == compiled(OLD, 4)
    assert "/lib/gone.pyc" not in got.root
    assert "/away/__pycache__" not in got.root
    assert "/other/__pycache__" not in got.root


def test_the_same_changes_at_another_time_and_in_another_order_give_the_same_bytes(
    tmp_path: Path,
) -> None:
    made = Made(tmp_path, LIBRARY)

    def changes(when: float) -> list[Item]:
        return [
            directory("usr/lib", 0o711, mtime=when),
            file("usr/lib/old.so", "new", mtime=when),
            file("etc/x", "x", mtime=OLD + 0.25),
            symlink("lib", "usr/lib"),
        ]

    one, other = made.patched(*changes(LATE)), made.patched(*reversed(changes(LATE + 1000.5)))
    assert one is not None
    assert other is not None
    assert one.bytes == other.bytes


@pytest.mark.parametrize(
    ("raised", "wanted"),
    [
        (OSError(28, "No space left on device"), ToolError),
        (ImageError("cut off"), ImageError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_layer_that_is_not_finished_leaves_no_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    raised: BaseException,
    wanted: type[BaseException],
) -> None:
    def fail(*_: object) -> None:
        raise raised

    made = Made(tmp_path, LIBRARY)
    monkeypatch.setattr("careen.rewrite.patched.write_state", fail)
    with pytest.raises(wanted):
        made.patched(file("etc/x", "x", mtime=LATE))
    assert not list(tmp_path.glob("layer-*.tar"))


@pytest.mark.parametrize(
    ("path", "leftover"),
    [
        ("/var/lib/apt/lists/deb_dists_InRelease", True),
        ("/var/lib/apt/lists", False),
        ("/var/lib/apt/extended_states", False),
        ("/var/lib/dpkg/status-old", True),
        ("/var/lib/dpkg/status", False),
        ("/var/lib/dpkg/info/x-old", False),
        ("/var/cache/debconf/config.dat", False),
        ("/var/cache/debconf/config.dat-old", True),
        ("/etc/ld.so.cache", False),
        ("/etc/ssh/ssh_host_ed25519_key", True),
        ("/etc/ssh/sshd_config", False),
        ("/home/a/.cache/pip/x", True),
        ("/home/a/b/.cache/pip/x", False),
        ("/runner/x", False),
        ("/var/lib/ucf/hashfile.0", True),
        ("/var/lib/ucf/hashfile", False),
        ("/tmp/odd\nname", True),
    ],
)
def test_what_is_a_leftover(path: str, leftover: bool) -> None:
    assert is_leftover(path, is_directory=False) is leftover


def test_every_leftover_has_a_reason_and_is_named_once() -> None:
    assert len({pattern for pattern, _ in LEFTOVERS}) == len(LEFTOVERS)
    assert all(pattern.startswith("/") and reason for pattern, reason in LEFTOVERS)
