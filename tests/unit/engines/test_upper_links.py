"""Hard links in an overlay's upper directory, as entries of a layer."""

import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from careen.engines.upper_layer import write_upper


def test_a_hard_link_states_the_attributes_of_its_file(tmp_path: Path) -> None:
    # Engines call lchown(2) on each link, and with that the kernel drops file capabilities.
    upper = tmp_path / "upper"
    upper.mkdir()
    (upper / "a").write_text("x")
    os.setxattr(upper / "a", "user.mark", b"1")
    os.link(upper / "a", upper / "b")
    write_upper(upper, tmp_path / "layer.tar")
    with tarfile.open(tmp_path / "layer.tar") as tar:
        link = tar.getmember("b")
    assert (link.islnk(), link.linkname) == (True, "a")
    assert link.pax_headers["SCHILY.xattr.user.mark"] == "1"


def test_a_hard_link_of_a_symlink_has_no_attributes(tmp_path: Path) -> None:
    upper = tmp_path / "upper"
    upper.mkdir()
    (upper / "a").symlink_to("/nowhere")
    os.link(upper / "a", upper / "b", follow_symlinks=False)
    write_upper(upper, tmp_path / "layer.tar")
    with tarfile.open(tmp_path / "layer.tar") as tar:
        link = tar.getmember("b")
    assert (link.islnk(), link.mode) == (True, 0o777)
    assert not [key for key in link.pax_headers if "xattr" in key]


def test_each_entry_is_asked_for_its_status_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upper = tmp_path / "upper"
    upper.mkdir()
    (upper / "a").write_text("x")
    os.link(upper / "a", upper / "b")
    asked: list[bytes] = []
    real = os.stat

    def stat(path: bytes, *rest: Any, **named: Any) -> os.stat_result:
        asked.append(path)
        return real(path, *rest, **named)

    monkeypatch.setattr(os, "stat", stat)
    write_upper(upper, tmp_path / "layer.tar")
    monkeypatch.undo()
    assert asked == [b"a", b"b"]
