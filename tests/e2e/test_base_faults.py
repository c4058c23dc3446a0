"""What goes wrong while a base is built: one clear line, and nothing left behind."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.careen_command import Careen, mounts_below, until
from tests.support.deb_archive import Deb, build_deb, make_key, write_archive
from tests.support.tmpfs import mounted

pytestmark = pytest.mark.mmdebstrap

DEB = Deb("base-files", "1")
BUILD = ("base", "build", "debian:trixie", "--no-test", "-o", "oci:out")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys") / "home"
    make_key(folder)
    return folder


@pytest.fixture
def careen(tmp_path: Path) -> Iterator[Careen]:
    (tmp_path / "run").mkdir()
    out = Careen(tmp_path / "run", {"XDG_DATA_HOME": str(tmp_path / "data")})
    yield out
    assert not (out.folder / "out").exists()
    assert mounts_below(out.work) == []


def archive(tmp_path: Path, home: Path | None, days: float = 7) -> str:
    """A source of one package, which is not enough for a root; all faults come before that."""
    place = tmp_path / "archive"
    built = build_deb(DEB, tmp_path)
    write_archive(place, [(DEB, built)], home, codename="trixie", architecture="amd64", days=days)
    return f"deb [arch=amd64] copy:{place} trixie main"


def refused(careen: Careen, source: str, home: Path, *words: str | Path) -> str:
    key = home / "archive.asc"
    return careen.refused(*BUILD, "--source", source, "--source-key", key, *words)


def test_a_mirror_that_is_down(careen: Careen, home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = refused(careen, f"deb http://127.0.0.1:{port}/debian trixie main", home)
    assert line.startswith("building the root of Debian trixie: a mirror does not answer")


def test_a_wrong_signature(careen: Careen, home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    make_key(other, "Somebody else")
    line = refused(careen, archive(tmp_path, home), other)
    assert "the Release file has no valid signature of a trusted key" in line


def test_no_signature(careen: Careen, home: Path, tmp_path: Path) -> None:
    line = refused(careen, archive(tmp_path, None), home)
    assert "no valid signature" in line or "lacks a file of the release" in line


def test_an_expired_release_file(careen: Careen, home: Path, tmp_path: Path) -> None:
    line = refused(careen, archive(tmp_path, home, days=-1), home)
    assert "the Release file has expired" in line


def test_half_a_repository(careen: Careen, home: Path, tmp_path: Path) -> None:
    source = archive(tmp_path, home)
    index = tmp_path / "archive/dists/trixie/main/binary-amd64/Packages"
    index.write_text(index.read_text() + "\nPackage: more\nVersion: 1\n")
    line = refused(careen, source, home)
    assert "is not what the signed Release file says" in line


def test_a_repository_without_what_a_root_needs(careen: Careen, home: Path, tmp_path: Path) -> None:
    line = refused(careen, archive(tmp_path, home), home)
    assert "the sources lack a package" in line


def test_too_little_room(careen: Careen, home: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=64m") as small:
        line = refused(careen, archive(tmp_path, home), home, "--work-dir", small / "work")
        assert "MiB are free" in line
        assert "--work-dir" in line
        assert not [*(small / "work").glob("run-*")]


def test_a_lock_of_another_entry(careen: Careen, home: Path, tmp_path: Path) -> None:
    lock = {
        "format": "careen.base-lock",
        "version": 1,
        "entry": "debian:bookworm",
        "variant": "runtime",
        "architecture": "amd64",
        "created": "2026-11-30T00:00:00Z",
        "sources": [],
        "steps": [{"name": "debian:bookworm", "packages": []}],
    }
    (tmp_path / "lock.json").write_text(json.dumps(lock))
    line = refused(careen, archive(tmp_path, home), home, "--lock", tmp_path / "lock.json")
    assert "is the lock of debian:bookworm, runtime" in line


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_build_leaves_no_process_and_no_mount(
    careen: Careen, home: Path, number: signal.Signals
) -> None:
    with socket.socket() as silent:  # it takes connections and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        source = f"deb http://127.0.0.1:{silent.getsockname()[1]}/debian trixie main"
        words = (*BUILD, "--source", source, "--source-key", home / "archive.asc")
        with careen.begun(*words) as running:
            until(lambda: mmdebstraps(careen.work))
            os.kill(running.pid, number)
            running.status(60)
        until(lambda: not mmdebstraps(careen.work))
    careen.next_run()
    assert careen.runs() == []


def mmdebstraps(work: Path) -> list[int]:
    """The processes whose command line names a directory of the run."""
    out = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if b"mmdebstrap" in words and str(work).encode() in words:
            out.append(int(path.parent.name))
    return out
