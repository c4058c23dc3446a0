"""Copies of databases that careen did not write."""

import io
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.formats.untrusted_sqlite import copy_database


class Broken(io.BytesIO):
    """A stream whose copy does not fit."""

    def read(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002
        raise OSError(28, "No space left on device")


def test_a_copy_that_cannot_be_written_names_the_place_and_no_format(tmp_path: Path) -> None:
    with pytest.raises(ToolError) as caught:
        copy_database(Broken(), tmp_path / "copy")
    assert str(caught.value) == (
        f"writing a copy of an SQLite database of the image to {tmp_path}: No space left on device;"
        " free some room, or name another place in TMPDIR"
    )
