"""Whether a running container is of the image that the user named: files are compared, links of the
container lead nowhere, mounts are left out.
"""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from careen.errors import InputError
from careen.model.runs.attached import RunningContainer
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.profiling import image_match as same_root
from careen.pipeline.profiling.image_match import changes, compare
from tests.support.trees import Exec, Link, tree

FILES: dict[str, bytes | str | Link | None] = {
    **{f"/app/{i}.txt": f"text {i}" for i in range(10)},
    "/usr/bin/app": Exec(b"program" * 20_000),
    "/empty": "",
}
ROOTFS = tree(FILES)


@pytest.fixture
def process(tmp_path: Path) -> Path:
    """A process's directory in /proc, whose root is the image's."""
    write(tmp_path / "root")
    (tmp_path / "mountinfo").write_text(
        "83 47 0:39 / / rw - overlay o rw\n90 83 254:0 /srv /data rw - ext4 /dev/vda rw\n"
    )
    return tmp_path


def write(root: Path) -> None:
    for name, content in FILES.items():
        path = root / name[1:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else str(content).encode())


def test_the_same_root_has_no_difference(process: Path) -> None:
    likeness = compare(process, ROOTFS)
    assert likeness is not None
    assert (likeness.compared, likeness.differing, likeness.same) == (11, (), True)


def test_a_changed_a_missing_and_a_resized_file_differ(process: Path) -> None:
    (process / "root/app/0.txt").write_text("TEXT 0")
    (process / "root/app/1.txt").unlink()
    (process / "root/usr/bin/app").write_bytes(b"program")
    likeness = compare(process, ROOTFS)
    assert likeness is not None
    assert likeness.differing == ("/app/0.txt", "/app/1.txt", "/usr/bin/app")
    assert not likeness.same  # more than a fifth


def test_a_large_file_is_compared_by_its_size_alone(process: Path) -> None:
    (process / "root/usr/bin/app").write_bytes(b"PROGRAM" * 20_000)
    likeness = compare(process, ROOTFS)
    assert likeness is not None
    assert likeness.differing == ()


def test_a_link_that_the_container_made_is_not_followed(process: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (process / "root/app").rename(outside)
    (process / "root/app").symlink_to(outside)
    (process / "root/usr/bin/app").unlink()
    (process / "root/usr/bin/app").symlink_to(outside / "0.txt")
    likeness = compare(process, ROOTFS)
    assert likeness is not None
    assert len(likeness.differing) == 11


def test_what_lies_under_a_mount_is_left_out(process: Path) -> None:
    likeness = compare(process, tree({**FILES, "/data/volume.bin": "not in the container"}))
    assert likeness is not None
    assert (likeness.compared, likeness.differing) == (11, ())


def test_a_layer_that_differs_by_half_is_another_image_however_large_the_rest_is(
    process: Path,
) -> None:
    upper = tree({f"/new/{i}": "x" for i in range(4)}, layer=1)
    entries = {entry.path: entry for rootfs in (upper, ROOTFS) for entry in rootfs}
    likeness = compare(process, Rootfs(entries, ROOTFS._content))
    assert likeness is not None
    assert (len(likeness.differing), likeness.compared, likeness.worst, likeness.same) == (
        4,
        15,
        1.0,
        False,
    )


def test_a_sample_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_root, "IN_ALL", 20)
    (tmp_path / "root").mkdir()
    likeness = compare(tmp_path, tree({f"/{i:05}": "x" for i in range(5000)}))
    assert likeness is not None
    assert likeness.compared == 20


def container(name: str = "web") -> RunningContainer:
    return RunningContainer(name, 1, "", "none")


def test_what_the_user_named_wrongly_is_refused_and_what_the_engine_named_is_only_told(
    process: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(same_root, "Path", lambda _: process)
    assert changes(container(), ROOTFS, "app:1") == ()
    (process / "root/app/0.txt").unlink()
    note = (
        "the container's root has changed against the image: 1 of 11 files that were compared are"
        " missing or differ, for example '/app/0.txt'"
    )
    assert changes(container(), ROOTFS, "app:1") == (note,)
    for path in (process / "root/app").iterdir():
        path.unlink()
    with pytest.raises(
        InputError,
        match=(
            "container 'web' is not of image 'app:1': 10 of 11 files that were compared are missing"
            " or differ"
        ),
    ):
        changes(container(), ROOTFS, "app:1")
    assert "10 of 11 files" in changes(container(), ROOTFS, None)[0]


def test_a_container_that_has_ended_cannot_be_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(same_root, "Path", lambda _: tmp_path / "gone")
    assert changes(container(), ROOTFS, "app:1") == (
        "the container ended before its root could be compared with image 'app:1'",
    )
    assert changes(container(), ROOTFS, None) == ()


def refusing(flag: int, names: tuple[bytes, ...] = ()) -> Any:
    """Return `os.open` of a user who may not open with a flag, or open these names."""
    opening = os.open

    def open_(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & flag or path in names:
            raise PermissionError(errno.EACCES, "no")
        return opening(path, flags, *rest, **more)

    return open_


def test_a_file_that_cannot_be_read_unnoticed_is_compared_by_its_size(
    process: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (process / "root/app/0.txt").write_text("TEXT 0")
    (process / "root/app/1.txt").write_text("another size")
    monkeypatch.setattr(os, "open", refusing(os.O_NOATIME))
    likeness = compare(process, ROOTFS)
    assert likeness is not None
    assert (likeness.compared, likeness.differing) == (11, ("/app/1.txt",))


def test_a_file_that_this_user_may_not_look_at_is_not_compared(
    process: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", refusing(0, (b"usr", b"0.txt")))
    likeness = compare(process, ROOTFS)
    assert likeness is not None
    assert (likeness.compared, likeness.differing, likeness.same) == (9, (), True)
