"""What differs between any two images."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from careen.model.comparing.imagediff import PackageChange, PathSets
from careen.model.image import ImageConfig
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.verify.compare_images import Side, compare_images
from tests.support.trees import Exec, Link, MemoryContent, tree


def inventory(*packages: tuple[Ecosystem, str, str]) -> Inventory:
    found = (
        Package(kind, name, version, f"pkg:{kind.value}/{name}@{version}", ImagePath("/db"), ())
        for kind, name, version in packages
    )
    return Inventory({package.purl: package for package in found}, {})


def side(
    files: Mapping[str, Any] | Rootfs, packages: Inventory | None = None, **config: Any
) -> Side:
    return Side(
        files if isinstance(files, Rootfs) else tree(files),
        packages or inventory(),
        ImageConfig({"config": config}),
    )


def setuid(files: Mapping[str, Any], path: str) -> Rootfs:
    rootfs = tree(files)
    entries = {
        entry.path: replace(entry, mode=0o4755) if entry.path == path else entry for entry in rootfs
    }
    return Rootfs(
        entries,
        MemoryContent(
            {entry.path: rootfs.read(entry.path, 100) for entry in rootfs if entry.is_file}
        ),
    )


def test_an_image_does_not_differ_from_itself() -> None:
    files = {"/bin/sh": Exec(b"sh"), "/etc/x": "1", "/l": Link("etc")}
    diff = compare_images(side(files, Cmd=["sh"]), side(files, Cmd=["sh"]))
    assert diff.same
    assert (diff.files_before, diff.bytes_before) == (2, 3)


def test_files_executables_setuid_and_config() -> None:
    before = {
        "/bin/sh": Exec(b"sh"),
        "/bin/su": Exec(b"su"),
        "/etc/x": "1",
        "/etc/y": "same",
        "/lib": Link("usr/lib"),
        "/d/e": None,
    }
    after = {
        "/bin/su": Exec(b"su"),
        "/bin/new": Exec(b"n"),
        "/etc/x": "2",
        "/etc/y": "same",
        "/lib": Link("/usr/lib"),
        "/d/e": "file",
    }
    diff = compare_images(
        side(setuid(before, "/bin/sh"), User="root"), side(setuid(after, "/bin/su"), User="app")
    )
    assert [str(difference) for difference in diff.files] == [
        "added /bin/new",
        "removed /bin/sh",
        "changed /bin/su (mode: 0755 -> 4755)",
        "changed /d/e (kind: directory -> file)",
        "changed /etc/x (content: one -> another of the same size)",
        "changed /lib (target: usr/lib -> /usr/lib)",
    ]
    assert diff.executables == PathSets(
        added=(ImagePath("/bin/new"),), removed=(ImagePath("/bin/sh"),)
    )
    assert diff.setuid == PathSets(added=(ImagePath("/bin/su"),), removed=(ImagePath("/bin/sh"),))
    assert diff.config == ('config.User: "root" -> "app"',)
    assert not diff.same


def test_packages_that_came_went_or_changed() -> None:
    before = inventory(
        (Ecosystem.DEB, "curl", "7.88"),
        (Ecosystem.DEB, "perl", "5.36"),
        (Ecosystem.PYPI, "torch", "2.1"),
    )
    after = inventory(
        (Ecosystem.DEB, "curl", "7.88"),
        (Ecosystem.PYPI, "torch", "2.2"),
        (Ecosystem.PYPI, "curl", "1"),
    )
    diff = compare_images(side({}, before), side({}, after))
    assert diff.packages == (
        PackageChange("deb", "perl", "5.36", None),
        PackageChange("pypi", "curl", None, "1"),
        PackageChange("pypi", "torch", "2.1", "2.2"),
    )


def test_one_of_two_installed_versions_goes() -> None:
    before = inventory((Ecosystem.PYPI, "six", "1.15"), (Ecosystem.PYPI, "six", "1.16"))
    diff = compare_images(side({}, before), side({}, inventory((Ecosystem.PYPI, "six", "1.16"))))
    assert diff.packages == (PackageChange("pypi", "six", "1.15", None),)


def test_what_is_no_file_is_told_from_files_and_sizes_are_said() -> None:
    before = {"/d/big": "x" * 300, "/d/l": Link("big")}
    package = replace(
        next(iter(inventory((Ecosystem.DEB, "big", "1")).packages.values())),
        files=(ImagePath("/d/big"), ImagePath("/d/l"), ImagePath("/gone")),
    )
    diff = compare_images(
        side(before, Inventory({package.purl: package}, {})), side({"/other": "yy"})
    )
    assert [(item.path, item.kind, item.size) for item in diff.files] == [
        ("/d", "directory", 0),
        ("/d/big", "file", 300),
        ("/d/l", "symlink", 0),
        ("/other", "file", 2),
    ]
    assert diff.packages == (PackageChange("deb", "big", "1", None, 300),)
