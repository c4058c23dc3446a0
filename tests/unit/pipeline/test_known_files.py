"""Small files of an image that earlier runs read: only those of this image, and only whole ones."""

import io
import json
from pathlib import Path

import pytest
import zstandard

from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.oci.hashing import digest_of_bytes
from careen.oci.tree.rootfs import Content
from careen.pipeline.run.known_files import KnownContent, NotedContent, keep_files, known_files
from careen.tools.cache import Cache
from tests.support.trees import tree

CONFIG = json.dumps(
    {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}
).encode()
DIGEST = str(digest_of_bytes(CONFIG))
PATH, OTHER = ImagePath("/etc/pip.conf"), ImagePath("/usr/lib/caf\udce9")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", 1 << 20)


class Elsewhere:
    """The image itself."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def open(self, entry: Entry) -> io.BytesIO:
        self.asked.append(entry.path)
        return io.BytesIO(b"x" * entry.size)


def test_what_was_read_is_there_for_the_next_run(cache: Cache) -> None:
    files = {PATH: b"[global]\n", OTHER: b"\x00\xff"}
    keep_files(cache, CONFIG, files)
    found = known_files(cache, DIGEST)
    assert found is not None
    assert (dict(found.files), found.config_bytes) == (files, CONFIG)
    assert found.config.platform.architecture == "amd64"
    assert known_files(cache, "sha256:" + "0" * 64) is None
    assert known_files(None, DIGEST) is None


@pytest.mark.parametrize(
    "damage",
    [
        b"no zstd",
        zstandard.compress(b"[]"),
        zstandard.compress(b'{"config": "", "files": {}}'),
        zstandard.compress(b'{"config": "e30=", "files": []}'),
        zstandard.compress(b'{"config": 1, "files": {}}'),
    ],
)
def test_a_damaged_entry_is_dropped(cache: Cache, damage: bytes) -> None:
    keep_files(cache, CONFIG, {})
    (entry,) = cache.directory.iterdir()
    entry.write_bytes(damage)
    assert known_files(cache, DIGEST) is None
    assert list(cache.directory.iterdir()) == []


def test_another_configuration_in_the_place_of_the_image_is_dropped(cache: Cache) -> None:
    keep_files(cache, CONFIG, {})
    (mine,) = cache.directory.iterdir()
    other = CONFIG.replace(b"amd64", b"arm64")
    keep_files(cache, other, {PATH: b"evil"})
    (theirs,) = (each for each in cache.directory.iterdir() if each != mine)
    mine.write_bytes(theirs.read_bytes())
    assert known_files(cache, DIGEST) is None


def test_large_files_are_not_noted_and_small_ones_once() -> None:
    rootfs = tree({"/small": "abc", "/large": "x" * ((1 << 20) + 1)})
    noted: list[NotedContent] = []

    def note(content: Content) -> Content:
        noted.append(NotedContent(content))
        return noted[0]

    through = rootfs.through(note)
    for _ in range(2):
        assert through.read(ImagePath("/small"), 10) == b"abc"
        assert len(through.read(ImagePath("/large"), 2 << 20)) == (1 << 20) + 1
    assert noted[0].files == {"/small": b"abc"}
    assert list(through) == list(rootfs)


def test_a_file_of_another_size_is_read_from_the_image() -> None:
    rootfs, image = tree({"/a": "abc", "/b": "de"}), Elsewhere()
    files = {ImagePath("/a"): b"abc", ImagePath("/b"): b"changed"}
    through = rootfs.through(lambda _: KnownContent(files, image))
    assert through.read(ImagePath("/a"), 10) == b"abc"
    assert through.read(ImagePath("/b"), 10) == b"xx"
    assert image.asked == ["/b"]
