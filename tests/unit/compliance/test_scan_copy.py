"""The copy of a root that OpenSCAP reads: no link leads out of it, and it is one of a container."""

from pathlib import Path

import pytest

from careen.compliance.scan_copy import DATABASES, scan_copy
from careen.compliance.streams import profile_of, stream_of
from careen.engines.embedded.materialise import materialise
from careen.inventory.rpm.find import DIRECTORIES
from careen.model.packages.distribution import Distribution
from careen.model.paths import ImagePath
from tests.support.trees import Exec, Link, tree


@pytest.mark.root
def test_no_link_leads_out_of_the_copy(tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.write_text("of the machine")
    root = tmp_path / "root"
    root.mkdir()
    image = tree(
        {
            "/etc/absolute": Link(str(outside)),
            "/etc/climbing": Link("../" * 30 + str(outside).lstrip("/")),
            "/etc/right": Link("/usr/lib/file"),
            "/etc/loop": Link("loop"),
            "/etc/twice": Link("right"),
            "/etc/folder": Link("/usr/lib"),
            "/usr/lib/file": "of the image",
        }
    )
    materialise(scan_copy(image), root)
    assert not (root / "etc/absolute").exists()
    assert not (root / "etc/climbing").exists()
    assert (root / "etc/right").read_text() == "of the image"
    assert (root / "etc/twice").read_text() == "of the image"
    assert (root / "etc/folder/file").read_text() == "of the image"
    links = [path for path in root.rglob("*") if path.is_symlink() and path.name != "loop"]
    assert len(links) == 5
    assert all(path.resolve().is_relative_to(root) for path in links)


def test_a_copy_has_the_marker_of_a_container() -> None:
    assert ImagePath("/run/.containerenv") in scan_copy(tree({"/run": None}))
    assert ImagePath("/.dockerenv") in scan_copy(tree({"/run": Link("/tmp"), "/tmp": None}))
    assert ImagePath("/.dockerenv") in scan_copy(tree({"/bin/x": Exec(b"x")}))


def test_dpkg_status_is_made_of_the_records_of_a_distroless_image() -> None:
    image = tree(
        {
            "/var/lib/dpkg/status.d/base": "Package: base-files\nVersion: 1\n",
            "/var/lib/dpkg/status.d/base.md5sums": "0  etc/x\n",
            "/var/lib/dpkg/status.d/libc6": "Package: libc6\nStatus: install ok installed\n",
            "/var/lib/dpkg/status.d/odd": "nothing\n",
        }
    )
    text = scan_copy(image).read(ImagePath("/var/lib/dpkg/status"), 1 << 20).decode()
    assert text == (
        "Package: base-files\nStatus: install ok installed\nVersion: 1\n\n"
        "Package: libc6\nStatus: install ok installed\n"
    )


def test_a_status_that_is_there_stays() -> None:
    image = tree(
        {"/var/lib/dpkg/status": "Package: a\n", "/var/lib/dpkg/status.d/b": "Package: b\n"}
    )
    text = scan_copy(image).read(ImagePath("/var/lib/dpkg/status"), 100)
    assert text == b"Package: a\n"


def test_large_files_are_empty_in_a_copy() -> None:
    image = tree({"/model": b"x" * (17 << 20), "/small": b"x"})
    copy = scan_copy(image)
    assert (copy[ImagePath("/model")].size, copy[ImagePath("/small")].size) == (0, 1)


@pytest.mark.parametrize(
    ("name", "version", "stream"),
    [
        ("debian", "12", "ssg-debian12-ds.xml"),
        ("debian", "13.2", "ssg-debian13-ds.xml"),
        ("ubuntu", "22.04", "ssg-ubuntu2204-ds.xml"),
        ("rocky", "9.4", "ssg-rhel9-ds.xml"),
        ("fedora", "42", "ssg-fedora-ds.xml"),
        ("debian", "", None),
        ("debian", "../x", "ssg-debian-ds.xml"),
        ("alpine", "3.20", None),
    ],
)
def test_the_stream_is_that_of_the_release(name: str, version: str, stream: str | None) -> None:
    assert stream_of(Distribution(name, version)) == stream


def test_the_widest_profile_is_taken() -> None:
    prefix = "xccdf_org.ssgproject.content_profile_"
    names = [prefix + each for each in ("standard", "cis_level1_server", "anssi_bp28_high")]
    assert profile_of(names) == prefix + "cis_level1_server"
    assert profile_of([prefix + "other"]) is None


def test_all_directories_of_rpm_databases_are_known() -> None:
    assert set(DATABASES).issuperset(map(ImagePath, DIRECTORIES))


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/var/lib/rpm/rpmdb.sqlite", True),
        ("/usr/lib/sysimage/rpm/rpmdb.sqlite-wal", True),
        ("/usr/share/rpm/Packages", True),
        ("/var/lib/dpkg/status", True),
        ("/var/lib/app/data", False),
    ],
)
def test_a_large_file_is_empty_unless_it_is_a_database_of_packages(path: str, kept: bool) -> None:
    large = b"x" * ((16 << 20) + 1)
    assert scan_copy(tree({path: large}))[ImagePath(path)].size == (len(large) if kept else 0)
