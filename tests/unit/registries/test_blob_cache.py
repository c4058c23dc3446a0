"""The cache of blobs: what it gives, keeps, loses, and does not touch."""

import hashlib
import os
from pathlib import Path

import pytest

from careen.model.digest import Digest
from careen.registries.blob_cache import BlobCache


def blob(folder: Path, data: bytes) -> tuple[Digest, Path]:
    digest = Digest(hashlib.sha256(data).hexdigest())
    path = folder / digest.hex
    path.write_bytes(data)
    return digest, path


@pytest.fixture
def cache(tmp_path: Path) -> BlobCache:
    return BlobCache(tmp_path / "blobs", limit=64 << 10)


def test_what_is_kept_is_given_without_a_copy(cache: BlobCache, tmp_path: Path) -> None:
    digest, path = blob(tmp_path, b"data")
    assert not cache.take(digest, 4, tmp_path / "one")
    cache.keep(digest, path)
    cache.keep(digest, path)
    assert cache.take(digest, 4, tmp_path / "one")
    assert (tmp_path / "one").samefile(path)
    assert cache.directory.stat().st_mode & 0o777 == 0o700


def test_a_blob_of_another_size_is_dropped(cache: BlobCache, tmp_path: Path) -> None:
    digest, path = blob(tmp_path, b"data")
    cache.keep(digest, path)
    assert not cache.take(digest, 5, tmp_path / "one")
    assert not (tmp_path / "one").exists()
    assert list(cache.directory.iterdir()) == []


def test_a_link_in_it_is_not_followed(cache: BlobCache, tmp_path: Path) -> None:
    digest, path = blob(tmp_path, b"data")
    cache.directory.mkdir(mode=0o700)
    (cache.directory / digest.hex).symlink_to(path)
    assert not cache.take(digest, 4, tmp_path / "one")
    assert path.read_bytes() == b"data"


def test_the_least_recently_used_go_first(cache: BlobCache, tmp_path: Path) -> None:
    kept = [blob(tmp_path, bytes([number]) * (20 << 10)) for number in range(4)]
    for number, (digest, path) in enumerate(kept):
        cache.keep(digest, path)
        os.utime(path, (number, number))
    assert cache.take(kept[0][0], 20 << 10, tmp_path / "used")
    (cache.directory / "notes.txt").write_text("somebody's")
    cache.shrink()
    assert {path.name for path in cache.directory.iterdir()} == {
        kept[0][0].hex,
        kept[2][0].hex,
        kept[3][0].hex,
        "notes.txt",
    }
    assert kept[1][1].read_bytes() == b"\1" * (20 << 10)  # a run that holds it keeps it


def test_room_for_a_download_is_made(cache: BlobCache, tmp_path: Path) -> None:
    digest, path = blob(tmp_path, b"x" * 4096)
    cache.keep(digest, path)
    cache.shrink(wanted=1 << 62)
    assert list(cache.directory.iterdir()) == []


def test_a_directory_that_others_can_write_to_is_not_used(cache: BlobCache, tmp_path: Path) -> None:
    digest, path = blob(tmp_path, b"data")
    cache.keep(digest, path)
    cache.directory.chmod(0o777)
    assert not cache.take(digest, 4, tmp_path / "one")
    cache.shrink(wanted=1 << 62)
    assert len(list(cache.directory.iterdir())) == 1


def test_without_a_directory_nothing_happens(tmp_path: Path) -> None:
    digest, path = blob(tmp_path, b"data")
    cache = BlobCache(Path("/dev/null/blobs"))
    cache.keep(digest, path)
    cache.drop(digest)
    cache.shrink()
    assert not cache.take(digest, 4, tmp_path / "one")
