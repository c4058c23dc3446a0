"""An image that names the same files over and over does not make careen work without end."""

from dataclasses import replace
from typing import BinaryIO

import pytest

from careen.errors import ImageError
from careen.inventory.allowance import Allowance
from careen.inventory.dpkg import files as dpkg_files
from careen.inventory.dpkg import find as dpkg
from careen.inventory.node import find as node
from careen.inventory.python import find as python
from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import tree


def test_reading_and_listing_end_where_the_allowance_does() -> None:
    rootfs = tree({"/a": "12345", "/b": "123456"})
    few = Allowance(rootfs, max_bytes=10, max_listed=3)
    assert few.read(ImagePath("/a"), 100) == b"12345"
    with pytest.raises(
        ImageError, match="/b: passed over: the image has more than 10 bytes of package records"
    ):
        few.read(ImagePath("/b"), 100)
    assert few.read(ImagePath("/a"), 100) == b"12345", "what is refused costs nothing"
    assert list(few.counted(["x", "y"], ImagePath("/l"))) == ["x", "y"]
    with pytest.raises(
        ImageError, match="/l: passed over: the packages of the image list more than 3 files"
    ):
        list(few.counted(["x", "y"], ImagePath("/l")))


def small(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    def limited(rootfs: Rootfs) -> Allowance:
        return Allowance(rootfs, max_listed=100)

    monkeypatch.setattr(module, "Allowance", limited)


def test_many_distributions_that_share_one_record(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, python)
    record = "".join(f"m{i}.py,,\n" for i in range(30))
    files = {
        f"/s/d{i}-1.dist-info/{name}": text
        for i in range(9)
        for name, text in (("METADATA", f"Name: d{i}\nVersion: 1\n"), ("RECORD", record))
    }
    found = python.find(tree(files))
    assert [package.name for package in found.packages] == ["d0", "d1", "d2"]
    assert len(found.unknowns) == 6
    assert found.unknowns[0].reason.endswith(
        "passed over: the packages of the image list more than 100 files"
    )


def test_many_debian_packages_that_share_one_list(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, dpkg_files)
    status = "\n".join(
        f"Package: a\nStatus: install ok installed\nVersion: {i}\n" for i in range(9)
    )
    found = dpkg.find(
        tree(
            {
                "/var/lib/dpkg/status": status,
                "/var/lib/dpkg/info/a.list": "".join(f"/x/{i}\n" for i in range(30)),
            }
        )
    )
    assert [package.version for package in found.packages] == ["0", "1", "2"]
    assert len(found.unknowns) == 6


def test_what_is_larger_than_its_limit_is_refused_unread_and_costs_nothing() -> None:
    class Unread:
        def open(self, entry: Entry) -> BinaryIO:
            raise AssertionError(entry)

    entries = {entry.path: entry for entry in tree({"/a": "x"})}
    entries[ImagePath("/a")] = replace(entries[ImagePath("/a")], size=1 << 60)
    allowance = Allowance(Rootfs(entries, Unread()), max_bytes=11)
    for _ in range(3):
        with pytest.raises(ImageError, match="/a: larger than the 10 bytes"):
            allowance.read(ImagePath("/a"), 10)


def test_more_packages_than_any_image_has_are_passed_over_and_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (node, python):
        monkeypatch.setattr(module, "Allowance", lambda rootfs: Allowance(rootfs, max_packages=3))
    found = node.find(
        tree(
            {
                f"/app/node_modules/p{i}/package.json": f'{{"name": "p{i}", "version": "1.0"}}'
                for i in range(5)
            }
        )
    )
    assert [package.name for package in found.packages] == ["p0", "p1", "p2"]
    assert [unknown.path for unknown in found.unknowns] == [
        "/app/node_modules/p3/package.json",
        "/app/node_modules/p4/package.json",
    ]
    assert found.unknowns[0].reason.endswith(
        "passed over: the image has more than 3 packages of this ecosystem"
    )
    files = {
        f"/s/d{i}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: d{i}\nVersion: 1\n"
        for i in range(5)
    }
    listed = python.find(tree(files))
    assert [package.name for package in listed.packages] == ["d0", "d1", "d2"]
    assert "/s/d4.dist-info/METADATA" in [
        unknown.path for unknown in listed.unknowns if "more than 3 packages" in unknown.reason
    ]
