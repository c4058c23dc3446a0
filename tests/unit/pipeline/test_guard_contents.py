"""What a guard says when it cannot compare the files of a container."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from careen.drift.known import Known, known
from careen.model.paths import ImagePath
from careen.model.runs.drift import DriftKind, Guarded
from careen.pipeline.guarding.contents import Contents, limited
from tests.support.boms import BOM, IMAGE
from tests.support.trees import tree
from tests.unit.pipeline.test_same_root import refusing

EXPECTED = known(BOM, None, "x86_64")
GUARDED = Guarded("web", IMAGE, IMAGE, 1.0, ("first",))


@pytest.fixture
def files(tmp_path: Path) -> Mapping[str, Any]:
    """A file of the image that the root of this process has, too."""
    (tmp_path / "a").write_text("x")
    return {str(tmp_path / "a"): "x"}


def made(files: Mapping[str, Any]) -> tuple[Contents, Known, Guarded]:
    contents = Contents(os.getpid(), tree(files))
    return (contents, *limited(EXPECTED, GUARDED, contents))


def test_a_root_that_can_be_read_limits_nothing(files: Mapping[str, Any]) -> None:
    contents, expected, guarded = made(files)
    assert (expected, guarded) == (EXPECTED, GUARDED)
    assert contents.same(ImagePath(next(iter(files)))) is True
    contents.close()


def test_without_the_root_changed_files_are_not_compared(
    files: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", refusing(os.O_PATH))
    _, expected, guarded = made(files)
    assert expected.not_compared[DriftKind.CHANGED] == ("the container's root cannot be opened: no")
    assert guarded == GUARDED


def test_files_that_cannot_be_read_unnoticed_are_said_to_be_told_by_size(
    files: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", refusing(os.O_NOATIME))
    contents, expected, guarded = made(files)
    assert expected == EXPECTED
    assert guarded.notes[0] == "first"
    assert guarded.notes[1].endswith("changed files are told by their size alone")
    contents.close()
