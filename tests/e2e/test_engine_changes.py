"""What a container's root differs in from its image, on both engines, and by both ways that docker
has: all must give the same root.
"""

import os
import secrets
import socket
import stat
import struct
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.engines.client.changes import readable_upper, write_committed
from careen.engines.client.client import DOCKER
from careen.engines.client.container import ClientContainer
from careen.engines.client.engine import ClientEngine
from careen.engines.sandbox import INSIDE, copy_idle_program, sandbox_options
from careen.engines.upper_layer import UnresolvedOverlayError, write_upper
from careen.model.entry import EntryKind
from careen.model.paths import ImagePath
from careen.model.runs.run_budget import RunBudget
from careen.oci.changes.append import append_layer, squash_image
from careen.oci.changes.edit import HistoryNote
from careen.oci.extents import BytesPart, Extents, FilePart
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive
from careen.oci.tar.read import content_of
from careen.oci.tree.merge import merge
from careen.rewrite.patched import PatchedFacts, patched_layer
from tests.support.careen_command import docker
from tests.support.engine_bench import ALL, AnyContainer, Bench
from tests.support.images import docker_archive, layer

CAPABILITY = struct.pack(
    "<5I", 0x02000001, 1 << 10, 0, 0, 0
)  # version 2, effective, net_bind_service
FILES = {
    "/data/kept": (b"kept", 0o644, 0, 0),
    "/data/changed": (b"before", 0o644, 0, 0),
    "/data/gone": (b"gone", 0o644, 0, 0),
    "/data/now-a-file/one": (b"1", 0o644, 0, 0),
    "/data/emptied/old": (b"old", 0o644, 0, 0),
    "/data/emptied/older/oldest": (b"oldest", 0o644, 0, 0),
    "/data/mode": (b"mode", 0o644, 0, 0),
}


def change(root: Path) -> None:
    """Do to the root what an upgrade does, and what nobody does but somebody hostile."""
    data = root / "data"
    (data / "changed").write_bytes(b"after")
    (data / "gone").unlink()
    (data / "now-a-file" / "one").unlink()
    (data / "now-a-file").rmdir()
    (data / "now-a-file").write_bytes(b"file")
    (data / "emptied" / "old").unlink()
    (data / "emptied" / "older" / "oldest").unlink()
    (data / "emptied" / "older").rmdir()
    (data / "emptied").rmdir()
    (data / "emptied").mkdir(0o700)
    (data / "emptied" / "new").write_bytes(b"new")
    os.chown(data / "mode", 1234, 70_000_000)
    (data / "mode").chmod(0o6755)
    (data / "linked").write_bytes(b"one content")
    os.link(data / "linked", data / "also")
    (data / "capable").write_bytes(b"\x7fELF")
    os.setxattr(data / "capable", "security.capability", CAPABILITY)
    (data / "leads-out").symlink_to("/etc/shadow")
    os.mkfifo(data / "fifo")
    os.mknod(data / "null", 0o020666, os.makedev(1, 3))
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(data, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
    with (data / "holes").open("wb") as sparse:
        sparse.truncate(3_000_000)
        sparse.seek(1_500_000)
        sparse.write(b"middle")
    (data / os.fsdecode(b"odd\xff\nname")).write_bytes(b"odd")
    (data / ("long" * 60)).mkdir()
    os.utime(data / "changed", (1_700_000_000, 1_700_000_000))


Seen = dict[ImagePath, tuple[object, ...]]


def root_of(bench: Bench, changes: Path) -> Seen:
    """Merge the changes over the image as careen's own reader does, and tell everything of each
    path but its time.
    """
    fd = os.open(changes, os.O_RDONLY)
    try:
        layers = [
            Extents([BytesPart(bench.image.layer())]),
            Extents([FilePart(fd, 0, changes.stat().st_size)]),
        ]
        merged = merge(layers, RunBudget())
        numbers: dict[int, str] = {}
        seen: Seen = {}
        for path, node in sorted(merged.nodes.items()):
            inode = node.inode
            content = b""
            if inode.is_file:
                extents = content_of(layers[inode.layer], inode.data, inode.size, inode.sparse)
                content = extents.read_at(0, extents.size)
            same_as = numbers.setdefault(inode.number, path)
            seen[path] = (
                inode.kind,
                inode.mode,
                inode.uid,
                inode.gid,
                inode.target,
                inode.device,
                dict(inode.xattrs),
                same_as,
                content,
            )
        return seen
    finally:
        os.close(fd)


@pytest.fixture
def worked_in(bench: Bench, tmp_path: Path) -> Iterator[tuple[Bench, AnyContainer, Path]]:
    """A running bench of an image, and where its root is here."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    copy_idle_program(scratch)
    made = bench.with_files(FILES)
    with made.with_config(Entrypoint=["/nowhere"], User="worker").container(
        sandbox_options(scratch, network="none")
    ) as container:
        container.start()
        root = container.rootfs()
        assert root is not None
        change(root)
        yield made, container, root


def test_the_changes_over_the_image_are_the_containers_root(
    worked_in: tuple[Bench, AnyContainer, Path], tmp_path: Path
) -> None:
    bench, container, root = worked_in
    changes = tmp_path / "changes.tar"
    container.changes(changes)
    seen = root_of(bench, changes)
    expected = {
        "/data",
        "/data/kept",
        "/data/changed",
        "/data/now-a-file",
        "/data/emptied",
        "/data/emptied/new",
        "/data/mode",
        "/data/linked",
        "/data/also",
    }
    expected |= {
        "/data/capable",
        "/data/leads-out",
        "/data/fifo",
        "/data/null",
        "/data/holes",
        os.fsdecode(b"/data/odd\xff\nname"),
        "/data/" + "long" * 60,
    }
    assert {path for path in seen if path.startswith("/data")} == expected
    for path in expected:
        there, (kind, mode, uid, gid, _, _, _, _, content) = (
            os.lstat(f"{root}{path}"),
            seen[ImagePath(path)],
        )
        assert (mode, uid, gid) == (there.st_mode & 0o7777, there.st_uid, there.st_gid), path
        if kind is EntryKind.FILE:
            assert content == Path(f"{root}{path}").read_bytes(), path
    assert seen[ImagePath("/data/also")][7] == seen[ImagePath("/data/linked")][7]
    assert seen[ImagePath("/data/capable")][6] == {"security.capability": CAPABILITY}
    assert seen[ImagePath("/data/leads-out")][4] == "/etc/shadow"
    assert seen[ImagePath("/data/null")][5] == (1, 3)
    again = tmp_path / "again.tar"
    container.changes(again)
    assert again.read_bytes() == changes.read_bytes()
    container.stop(5)
    assert container.state().exit_code == 0
    container.changes(again)
    assert again.read_bytes() == changes.read_bytes()


@pytest.mark.parametrize("bench", ALL[:1], indirect=True)
def test_docker_gives_the_same_root_where_its_directory_cannot_be_read(
    worked_in: tuple[Bench, ClientContainer, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, container, _ = worked_in
    number = secrets.token_hex(8)
    monkeypatch.setattr("careen.engines.client.changes.secrets.token_hex", lambda _: number)
    found = container._inspect()
    assert readable_upper(DOCKER, found) is not None
    read, committed = tmp_path / "read.tar", tmp_path / "committed.tar"
    container.changes(read)
    write_committed(DOCKER, found, bench.engine._workspace, committed)
    assert root_of(bench, committed) == root_of(bench, read)
    assert docker("image", "ls", "--quiet", f"careen-changes:{number}") == ""


def test_a_bench_works_as_root_and_shares_its_directory(
    worked_in: tuple[Bench, AnyContainer, Path], tmp_path: Path
) -> None:
    _, container, _ = worked_in
    assert container.exec(("/bin/probe", "put", f"{INSIDE}/from-inside", "hello"), 20).status == 0
    assert (tmp_path / "scratch" / "from-inside").read_bytes() == b"hello"
    assert "Uid:\t0\t0\t0\t0" in container.exec(("/bin/probe", "id"), 20).output.splitlines()


def test_what_only_the_overlay_can_resolve_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "upper" / "moved").mkdir(parents=True)
    os.setxattr(tmp_path / "upper" / "moved", "trusted.overlay.redirect", b"/elsewhere")
    with pytest.raises(UnresolvedOverlayError, match="redirect"):
        write_upper(tmp_path / "upper", tmp_path / "layer.tar")
    assert not (tmp_path / "layer.tar").exists()


def test_an_image_with_nothing_in_it_can_be_worked_on(bench: Bench, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    copy_idle_program(scratch)
    archive = docker_archive(tmp_path / "empty.tar", [layer()])
    with open_image(DockerArchive(archive, None), None, tmp_path) as image:
        engine = bench.engine
        if isinstance(engine, ClientEngine):
            prepared = engine.load(
                lambda stream: stream.write(archive.read_bytes()), image.ref.config_digest
            )
        else:
            prepared = engine.prepare(image)
        container = engine.create(prepared, sandbox_options(scratch, network="host"), ())
        try:
            container.start()
            (scratch / "probe").write_bytes(bench.image.probe)
            (scratch / "probe").chmod(0o755)
            assert container.exec((f"{INSIDE}/probe", "put", "/made", "inside"), 20).status == 0
            container.changes(tmp_path / "changes.tar")
            layer_path = patched_layer(
                image,
                tmp_path / "changes.tar",
                (),
                (),
                PatchedFacts("2025-06-07T08:09:10Z", 0.0, (INSIDE,)),
                tmp_path,
            )
            assert layer_path is not None
            with tarfile.open(layer_path) as tar:
                assert tar.getnames() == ["made"]
        finally:
            container.remove()
            engine.discard(prepared)


def tree_of(root: Path) -> dict[str, tuple[object, ...]]:
    """Tell everything of each path of a mounted root below /data, but times of directories."""
    out: dict[str, tuple[object, ...]] = {}
    inodes: dict[int, str] = {}
    for path in sorted((root / "data").rglob("*")):
        there = path.lstat()
        name = str(path.relative_to(root))
        content = (
            path.read_bytes()
            if stat.S_ISREG(there.st_mode)
            else os.fsencode(path.readlink())
            if path.is_symlink()
            else b""
        )
        link = inodes.setdefault(there.st_ino, name) if stat.S_ISREG(there.st_mode) else ""
        attributes = {
            key: os.getxattr(path, key, follow_symlinks=False)
            for key in os.listxattr(path, follow_symlinks=False)
            if not key.startswith("trusted.")
        }
        out[name] = (
            there.st_mode,
            there.st_uid,
            there.st_gid,
            there.st_rdev,
            content,
            link,
            attributes,
        )
    return out


@pytest.mark.parametrize("squashed", [False, True])
@pytest.mark.parametrize("bench", ALL[:1], indirect=True)
def test_docker_makes_the_same_root_of_the_image_with_the_layer(
    worked_in: tuple[Bench, ClientContainer, Path], tmp_path: Path, *, squashed: bool
) -> None:
    bench, container, root = worked_in
    assert isinstance(bench.engine, ClientEngine)
    (root / "data" / "socket").unlink()
    note, created = HistoryNote("patch"), "2025-06-07T08:09:10Z"
    container.changes(tmp_path / "changes.tar")
    archive = tmp_path / "image.tar"
    with archive.open("wb") as out:
        bench.image.write(out)
    with open_image(DockerArchive(archive, None), None, tmp_path) as image:
        facts = PatchedFacts(created, 1_750_000_000.0, (INSIDE,))
        layer_path = patched_layer(image, tmp_path / "changes.tar", (), (), facts, tmp_path)
        assert layer_path is not None
        patched = append_layer(image, layer_path, note, {}, created)
        result = squash_image(patched, tmp_path, note, {}, created) if squashed else patched
        with result:
            prepared = bench.engine.load_image(result)
    again = bench.engine.create(prepared, sandbox_options(tmp_path / "scratch", network="none"), ())
    try:
        again.start()
        made = again.rootfs()
        assert made is not None
        assert tree_of(made) == tree_of(root)
    finally:
        again.remove()
        bench.engine.discard(prepared)
