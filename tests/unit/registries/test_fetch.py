"""What is refused before a download, and what the watch on one sees."""

from pathlib import Path

import pytest

from careen.errors import InputError
from careen.registries.fetch import Watch, fetch
from careen.registries.manifests import find
from tests.unit.registries.test_manifests import NAME, Served, manifest


def test_a_download_does_not_begin_without_room(tmp_path: Path) -> None:
    served = Served()
    served.add(manifest("amd", digest=f"sha256:{'a' * 64}", size=1 << 60), NAME)
    with pytest.raises(InputError, match=r"its layers have 1,152,921,504,606,846,976 bytes, and"):
        fetch(find(NAME, None, served), tmp_path / "layout", None, served)


def test_more_than_is_declared_is_seen(tmp_path: Path) -> None:
    (tmp_path / "before").write_bytes(bytes(1000))
    told: list[str] = []
    watch = Watch(tmp_path, 1 << 20, told.append)
    assert not watch.exceeded()
    with (tmp_path / "blob").open("wb") as blob:
        blob.truncate(2 << 20)
        assert not watch.exceeded()  # documents come, too
        blob.truncate(64 << 20)
    assert watch.exceeded()
    assert watch.over
    assert told[-1] == "64 of 1 MiB"
