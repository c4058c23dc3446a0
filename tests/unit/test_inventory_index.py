"""The index of an image as a file: what goes in comes out, and what is none is refused in one line."""

import json
from pathlib import Path
from typing import Any

import pytest

from careen.errors import CareenError, ConfigError
from careen.inventory.index import load_index, write_index
from careen.model.package import Inventory
from careen.model.paths import ImagePath
from tests.support.trees import Exec, Link, tree

DIGEST = "sha256:" + "a" * 64
FILES = tree({"/usr/bin/tool": Exec(b"\x7fELF" + bytes(96)), "/bin": Link("usr/bin"), "/odd/\udcff": "x", "/empty": None})
OWNED = Inventory({}, {ImagePath("/usr/bin/tool"): ("pkg:deb/debian/b@1", "pkg:deb/debian/a@1")})


def stored(folder: Path) -> Path:
    path = folder / "index.json"
    path.write_bytes(write_index(FILES, OWNED, DIGEST))
    return path


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    index = load_index(stored(tmp_path))
    assert index.config_digest == DIGEST
    assert [(entry.path, entry.kind, entry.size, entry.target) for entry in index.rootfs] == [
        (entry.path, entry.kind, entry.size, entry.target) for entry in FILES
    ]
    assert index.inventory.owners == {ImagePath("/usr/bin/tool"): ("pkg:deb/debian/a@1", "pkg:deb/debian/b@1")}
    walked = index.rootfs.walk("/bin/tool")
    assert (walked.end, walked.links) == ("/usr/bin/tool", ("/bin",))


def test_it_has_no_content(tmp_path: Path) -> None:
    with pytest.raises(CareenError, match="only its index is at hand"):
        load_index(stored(tmp_path)).rootfs.open(ImagePath("/usr/bin/tool"))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"version": 2},
        {"kinds": ["pipe dream"]},
        {"entries": [["/a", 99, 0, "", []]]},
        {"entries": [["/a/../b", 0, 0, "", []]]},
        {"entries": [["/a"]]},
        {"entries": []},
        {"entries": [["/", 1, 0, "", [7]]]},
        {"entries": 5},
    ],
)
def test_what_is_none_is_refused_in_one_line(tmp_path: Path, change: dict[str, Any]) -> None:
    path = stored(tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **change}))
    with pytest.raises(CareenError) as error:
        load_index(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"[" * 100_000])
def test_what_is_no_document_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "index.json"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"index\.json: not an index that careen wrote"):
        load_index(path)
