"""tar-split's record, read with the folder beside it. The record is hostile input: it says what a
layer's author wrote.
"""

import base64
import gzip
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from careen.errors import BudgetError, ImageError
from careen.model.runs.run_budget import FREE_DISK, RunBudget
from careen.oci.extents import Extents
from careen.oci.tar.split import Headers, read_layer
from careen.oci.tree.beneath import RootedDirectory


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RootedDirectory]:
    (tmp_path / "layer" / "usr").mkdir(parents=True)
    (tmp_path / "layer" / "usr" / "x").write_bytes(b"content")
    (tmp_path / "layer" / "naïve").write_bytes(b"other")
    (tmp_path / "layer" / "link").symlink_to("usr")
    (tmp_path / "layer" / "out").symlink_to("/etc")
    (tmp_path / "outside").write_bytes(b"secret!")
    fd = os.open(tmp_path / "layer", os.O_PATH | os.O_DIRECTORY)
    yield RootedDirectory(fd, str(tmp_path / "layer"))
    os.close(fd)


def segment(data: bytes) -> dict[str, Any]:
    return {"type": 2, "payload": base64.b64encode(data).decode()}


def entry(name: str, size: int, **more: Any) -> dict[str, Any]:
    return {"type": 1, "name": name, "size": size, "payload": "AAAA", **more}


def layer(
    folder: RootedDirectory, tmp_path: Path, *items: object, budget: RunBudget | None = None
) -> Extents:
    packed = gzip.compress(b"".join(json.dumps(item).encode() + b"\n" for item in items))
    with (tmp_path / "headers").open("w+b") as file:
        return read_layer(
            io.BytesIO(packed), folder, Headers(os.dup(file.fileno()), budget or RunBudget())
        )


def test_headers_and_contents_in_their_order(folder: RootedDirectory, tmp_path: Path) -> None:
    raw = base64.b64encode("naïve".encode()).decode()
    found = layer(
        folder,
        tmp_path,
        segment(b"<one>"),
        entry("/usr/x", 7),
        segment(b"<two>"),
        entry("", 5, name_raw=raw),
        entry("usr", 0),
        segment(b"\0\0"),
    )
    assert found.open().read() == b"<one>content<two>other\0\0"
    assert found.read_at(7, 8) == b"ntent<tw"


@pytest.mark.parametrize(
    "name", ["../outside", "link/x", "out/passwd", "usr/../../outside", "none"]
)
def test_no_way_leads_out_of_the_layer(name: str, folder: RootedDirectory, tmp_path: Path) -> None:
    found = layer(folder, tmp_path, entry(name, 7))
    with pytest.raises(ImageError, match="leave the image alone"):
        found.read_at(0, 7)


def test_a_file_that_is_shorter_than_its_record_is_refused(
    folder: RootedDirectory, tmp_path: Path
) -> None:
    with pytest.raises(ImageError, match="became shorter"):
        layer(folder, tmp_path, entry("usr/x", 8)).read_at(0, 8)


@pytest.mark.parametrize(
    "item",
    [
        7,
        {},
        {"type": 3},
        {"type": 2, "payload": "%"},
        {"type": 2},
        {"type": 1, "size": -1, "name": "x"},
        {"type": 1, "size": 5},
        entry("x", 5, name_raw="%"),
    ],
)
def test_what_is_no_record_is_refused(
    item: object, folder: RootedDirectory, tmp_path: Path
) -> None:
    if isinstance(item, dict) and item.get("name_raw"):
        item = {**item, "name": ""}
    with pytest.raises(ImageError, match="tar-split record"):
        layer(folder, tmp_path, item)


def test_two_records_in_one_line_are_refused(folder: RootedDirectory, tmp_path: Path) -> None:
    one = json.dumps(segment(b"x")).encode()
    packed = gzip.compress(one + b"," + one + b"\n")
    headers = Headers(os.open(tmp_path / "headers", os.O_RDWR | os.O_CREAT), RunBudget())
    with pytest.raises(ImageError, match="not one record"):
        read_layer(io.BytesIO(packed), folder, headers)


@pytest.mark.parametrize(
    "packed",
    [b"", b"no gzip", gzip.compress(b"{" * 100)[:-9], gzip.compress(b"[" * 100_000)],
    ids=["empty", "no gzip", "cut", "deep"],
)
def test_a_damaged_record_is_refused_in_one_line(
    packed: bytes, folder: RootedDirectory, tmp_path: Path
) -> None:
    headers = Headers(os.open(tmp_path / "headers", os.O_RDWR | os.O_CREAT), RunBudget())
    if packed:
        with pytest.raises(ImageError) as caught:
            read_layer(io.BytesIO(packed), folder, headers)
        assert "\n" not in str(caught.value)
    else:
        assert read_layer(io.BytesIO(packed), folder, headers).size == 0
    os.close(headers.fd)


def test_headers_are_paid_for(folder: RootedDirectory, tmp_path: Path) -> None:
    budget = RunBudget()
    budget.unpack(FREE_DISK, "before")
    with pytest.raises(BudgetError, match="unpack to more than"):
        layer(folder, tmp_path, segment(b"x"), budget=budget)
