"""Wheels of which no tag says what they need: their libraries are compared with the root's."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from careen.catalog.wheels.install import unpack
from careen.catalog.wheels.target import Target
from careen.catalog.wheels.versions import require_versions
from careen.errors import InputError
from tests.support.plans import elf
from tests.support.tiny_wheels import write_wheel
from tests.support.trees import tree

TARGET = Target(11, 36, "x86_64")
LIBC = "/usr/lib/x86_64-linux-gnu/libc.so.6"


def wheel_of(folder: Path, tag: str, files: Mapping[str, bytes]) -> Path:
    """Write a wheel with these files, and unpack it below `folder`/root."""
    path = folder / f"one-1.0+cpu-cp311-cp311-{tag}.whl"
    with zipfile.ZipFile(path, "w") as out:
        for name, data in files.items():
            out.writestr(name, data)
            place = folder / "root" / TARGET.site.lstrip("/") / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    return path


NEEDS = elf(("libc.so.6",), needs=("libc.so.6", "GLIBC_2.38"))
OLD, NEW = elf(defines="GLIBC_2.36"), elf(defines="GLIBC_2.38")


def test_a_wheel_that_needs_a_newer_library_is_named_with_both_versions(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, "linux_x86_64", {"one/lib/libone.so": NEEDS, "one/a.so.txt": b"x"})
    with pytest.raises(
        InputError,
        match=r"one-1\.0.*: one/lib/libone\.so needs GLIBC_2\.38 of libc\.so\.6, and the newest of"
        r" the root is GLIBC_2\.36; .*--wheel-index",
    ):
        require_versions([wheel], tmp_path / "root", TARGET, tree({LIBC: OLD}))


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("one-1.0.data/platlib/one/libone.so", f"{TARGET.site}/one/libone.so"),
        ("one-1.0.data/purelib/one/libone.so", f"{TARGET.site}/one/libone.so"),
        ("one-1.0.data/data/lib/libone.so", "/usr/local/lib/libone.so"),
        ("one-1.0.data/scripts/libone.so", "/usr/local/bin/libone.so"),
    ],
)
def test_libraries_beside_the_packages_of_a_wheel_are_compared(
    tmp_path: Path, name: str, place: str
) -> None:
    wheel = write_wheel(tmp_path, "one", "1.0", tag="cp311-cp311-linux_x86_64", files={name: NEEDS})
    (tmp_path / "root").mkdir()
    unpack([wheel], TARGET, tmp_path / "root")
    assert (tmp_path / "root" / place.lstrip("/")).is_file()
    with pytest.raises(InputError, match=r"libone\.so needs GLIBC_2\.38"):
        require_versions([wheel], tmp_path / "root", TARGET, tree({LIBC: OLD}))


@pytest.mark.parametrize(
    ("tag", "root"),
    [
        ("linux_x86_64", {LIBC: NEW}),  # it has the version
        ("manylinux_2_28_x86_64", {LIBC: OLD}),  # its tag was compared by pip
        ("linux_x86_64", {"/etc/hostname": b"x"}),  # no such library: the loader finds it elsewhere
        ("linux_x86_64", {LIBC: b"no library"}),
    ],
)
def test_a_wheel_that_may_work_is_taken(tmp_path: Path, tag: str, root: dict[str, bytes]) -> None:
    wheel = wheel_of(tmp_path, tag, {"one/lib/libone.so": NEEDS})
    require_versions([wheel], tmp_path / "root", TARGET, tree(root))


def test_a_library_that_a_wheel_brings_is_not_the_roots(tmp_path: Path) -> None:
    files = {"one/lib/libone.so": NEEDS, "one.libs/libc.so.6": NEW}
    wheel = wheel_of(tmp_path, "linux_x86_64", files)
    require_versions([wheel], tmp_path / "root", TARGET, tree({LIBC: OLD}))


def test_a_library_in_a_wheel_that_is_none_is_no_failure(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, "linux_x86_64", {"one/broken.so": NEEDS[:70], "one/text.so": b"x"})
    require_versions([wheel], tmp_path / "root", TARGET, tree({LIBC: OLD}))
