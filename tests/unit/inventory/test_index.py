"""The index of an image as a file: what goes in comes out, and what is none is refused in one
line.
"""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.errors import CareenError, ConfigError
from careen.inventory.index import load_index, read_index, read_inventory, write_index
from careen.model.packages.distribution import Distribution
from careen.model.packages.model_file import ModelFile, ModelFormat
from careen.model.packages.ownership import add_owner
from careen.model.packages.package import Ecosystem, Inventory, Marker, Package, Presence, Unknown
from careen.model.paths import ImagePath
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import Exec, Link, MemoryContent, tree

REF = ImageRef("img:1", None, "sha256:" + "a" * 64, ("sha256:" + "b" * 64,), "linux/amd64")
FILES = tree(
    {
        "/usr/bin/tool": Exec(b"\x7fELF" + bytes(96)),
        "/bin": Link("usr/bin"),
        "/odd/\udcff": "x",
        "/empty": None,
    }
)
TOOL, ODD = ImagePath("/usr/bin/tool"), ImagePath("/odd/\udcff")
WHOLE = Package(
    Ecosystem.DEB,
    "tool",
    "1:2",
    "pkg:deb/debian/tool@1%3A2",
    ImagePath("/var/lib/dpkg/status"),
    (TOOL, ODD),
    metadata=(ODD,),
    licences=(TOOL,),
    depends=("libc6", "a|b"),
    provides=("x",),
    architecture="amd64",
    source="tools@1:2",
    modules=("m",),
    essential=True,
    evidence="of\ud800 text",
    module="nodejs:20",
    licence="MIT",
    recommends=("r",),
)
INSIDE = Package(
    Ecosystem.GOLANG,
    "x/net",
    "v1",
    "pkg:golang/x/net@v1",
    TOOL,
    (TOOL,),
    presence=Presence.EMBEDDED,
    evidence="Go build info",
)


def open_inventory() -> Inventory:
    owners: dict[ImagePath, tuple[str, ...]] = {}
    for package in (WHOLE, INSIDE):
        add_owner(owners, package)
    return Inventory(
        {package.purl: package for package in (WHOLE, INSIDE)},
        owners,
        unknowns=(Unknown(ODD, "no text"),),
        distribution=Distribution(
            "debian", "12", "bookworm", ("linux",), "Debian", "/etc/os-release"
        ),
        models=(
            ModelFile(
                ODD, ModelFormat.PICKLE, 7, (("protocol", "4"),), ("GLOBAL os.system",), "cut short"
            ),
        ),
        markers=(Marker(TOOL, "makes scanners look elsewhere"),),
    )


def stored(folder: Path) -> Path:
    path = folder / "index.json"
    path.write_bytes(write_index(FILES, open_inventory(), REF))
    return path


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    index = load_index(stored(tmp_path))
    assert index.ref == REF
    assert list(index.rootfs) == list(FILES)
    assert index.inventory == open_inventory()
    walked = index.rootfs.walk("/bin/tool")
    assert (walked.end, walked.links) == ("/usr/bin/tool", ("/bin",))


def test_its_packages_are_read_without_the_entries(tmp_path: Path) -> None:
    assert read_inventory(stored(tmp_path).read_bytes(), "x") == (REF, open_inventory())


def test_what_only_some_entries_have_comes_out_too() -> None:
    entries = {
        entry.path: replace(
            entry, xattrs={"security.capability": b"\0\xff"}, device=(1, 3), mtime=1.25, mode=0o4755
        )
        for entry in FILES
    }
    odd = Rootfs(entries, MemoryContent({}))
    index = read_index(write_index(odd, Inventory({}, {}), REF), "x")
    assert list(index.rootfs) == list(odd)
    assert index.rootfs[TOOL].xattrs == {"security.capability": b"\0\xff"}
    assert index.inventory == Inventory({}, {})


def test_it_has_no_content_but_what_it_is_given(tmp_path: Path) -> None:
    with pytest.raises(CareenError, match="only its index is at hand"):
        load_index(stored(tmp_path)).rootfs.open(TOOL)

    class Given:
        def open(self, entry: Any) -> Any:
            return io.BytesIO(entry.path.encode())

    assert (
        read_index(write_index(FILES, open_inventory(), REF), "x", Given()).rootfs.read(TOOL, 100)
        == b"/usr/bin/tool"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"version": 1},
        {"image": {}},
        {"image": None},
        {"kinds": ["pipe dream"]},
        {"entries": [["/a", 99, 0, 0, 0, 0, 0, 0, 0, ""]]},
        {"entries": [["/a/../b", 0, 0, 0, 0, 0, 0, 0, 0, ""]]},
        {"entries": [["/a"]]},
        {"entries": []},
        {"entries": 5},
        {"packages": [["deb"]]},
        {
            "packages": [
                [
                    "deb",
                    "a",
                    "1",
                    "p",
                    9999,
                    *[[]] * 5,
                    "",
                    "",
                    [],
                    False,
                    "installed",
                    "",
                    "",
                    "",
                    [],
                ]
            ]
        },
        {
            "packages": [
                [
                    "fruit",
                    "a",
                    "1",
                    "p",
                    0,
                    *[[]] * 5,
                    "",
                    "",
                    [],
                    False,
                    "installed",
                    "",
                    "",
                    "",
                    [],
                ]
            ]
        },
        {
            "packages": [
                [
                    "deb",
                    "a",
                    "1",
                    "p",
                    -3,
                    *[[]] * 5,
                    "",
                    "",
                    [],
                    False,
                    "installed",
                    "",
                    "",
                    "",
                    [],
                ]
            ]
        },
        {"entries": [["/", -1, 0, 0, 0, 0, 0, 0, 0, ""]]},
        {"entries": [["/", 1, 0, 0, 0, float("inf"), 0, 0, 0, ""]]},
        {"distribution": [1]},
        {"models": [[]]},
        {"unknowns": None},
    ],
)
def test_what_is_none_is_refused_in_one_line(tmp_path: Path, change: dict[str, Any]) -> None:
    path = stored(tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **change}))
    with pytest.raises(ConfigError) as error:
        load_index(path)
    assert "\n" not in str(error.value)
    if {*change} & {"format", "version", "image", "packages", "distribution", "models", "unknowns"}:
        with pytest.raises(ConfigError):
            read_inventory(path.read_bytes(), "x")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"[" * 100_000])
def test_what_is_no_document_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "index.json"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"index\.json: not an index that careen wrote"):
        load_index(path)
    with pytest.raises(ConfigError, match="x: not an index that careen wrote"):
        read_inventory(data, "x")
