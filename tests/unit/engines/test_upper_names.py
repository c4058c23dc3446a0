"""The names of what differs in a container, read from an overlay's upper directory that may do
anything.
"""

import os
from pathlib import Path

import pytest

from careen.engines.upper_names import upper_names


def test_every_entry_is_named_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").touch()
    upper = tmp_path / "upper"
    (upper / "a" / "b").mkdir(parents=True)
    (upper / "a" / "b" / "new\nA forged").touch()
    (upper / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(upper / "fifo")
    assert upper_names(upper) == {"/a", "/a/b", "/a/b/new\nA forged", "/link", "/fifo"}


def test_what_is_not_there_has_no_names(tmp_path: Path) -> None:
    assert upper_names(tmp_path / "none") == frozenset()


def test_it_is_bounded_in_number_and_in_depth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        (tmp_path / "many" / str(number)).mkdir(parents=True)
    assert len(upper_names(tmp_path, most=10)) == 10
    deep = tmp_path / "deep"
    deep.mkdir()
    monkeypatch.chdir(deep)
    for _ in range(400):
        Path("d").mkdir()
        os.chdir("d")
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert len(upper_names(deep)) == 256
    assert len(list(Path("/proc/self/fd").iterdir())) == before
