"""Runtimes that state themselves in a file beside their program, and the one walk over all
files.
"""

import tracemalloc

import pytest

from careen.inventory import inside
from careen.inventory.port import Found
from careen.inventory.scan import scan, scan_contents
from careen.model.packages.package import Presence
from tests.support.elf_bytes import elf
from tests.support.trees import Exec, tree

pytestmark = pytest.mark.slow

RELEASE = (
    'IMPLEMENTOR="Eclipse'
    ' Adoptium"\nJAVA_RUNTIME_VERSION="17.0.9+9"\nJAVA_VERSION="17.0.9"\nOS_ARCH="x86_64"\n'
)


def look(files: dict[str, bytes | str]) -> Found:
    rootfs = tree(
        {key: Exec(value) if isinstance(value, bytes) else value for key, value in files.items()}
    )
    return inside.find(rootfs, scan(rootfs))


def test_java_runtime() -> None:
    (package,) = look(
        {
            "/opt/java/openjdk/release": RELEASE,
            "/opt/java/openjdk/bin/java": b"\x7fELF no more of it",
        }
    ).packages
    assert (package.purl, package.presence) == (
        "pkg:generic/openjdk@17.0.9%2B9",
        Presence.INSTALLED,
    )
    assert package.files == ("/opt/java/openjdk/bin/java", "/opt/java/openjdk/release")
    assert (
        package.evidence
        == "JAVA_VERSION '17.0.9' in the file release, IMPLEMENTOR 'Eclipse Adoptium'"
    )


@pytest.mark.parametrize(
    "parts",
    [
        ("bin/java", "lib/server/libjvm.so", "lib/libjli.so", "lib/modules"),
        ("jre/bin/java", "jre/lib/amd64/server/libjvm.so", "jre/lib/rt.jar"),
    ],
)
def test_a_virtual_machine_that_another_program_loads_belongs_to_the_runtime(
    parts: tuple[str, ...],
) -> None:
    files = {f"/opt/jdk/{part}": b"\x7fELF no more of it" for part in parts}
    (package,) = look({"/opt/jdk/release": RELEASE, "/opt/jdk/man/java.1": "", **files}).packages
    assert package.files == (*files, "/opt/jdk/release")


def test_graalvm_is_not_openjdk() -> None:
    (package,) = look(
        {
            "/opt/graal/release": RELEASE + 'GRAALVM_VERSION="23.0.1"\n',
            "/opt/graal/bin/java": b"#!/bin/sh\n",
        }
    ).packages
    assert package.name == "graalvm"


@pytest.mark.parametrize(
    "text", ["", "JAVA_VERSION=\n", 'JAVA_VERSION="$(id)"\n', "\0" * 100, "x" * 70_000]
)
def test_file_that_is_called_release_and_states_no_java(text: str) -> None:
    assert (
        look({"/opt/java/release": text + " " * 8, "/opt/java/bin/java": b"#!/bin/sh\n"}).packages
        == ()
    )


def test_release_without_a_runtime_beside_it_is_no_runtime() -> None:
    assert look({"/etc/release": RELEASE}).packages == ()


def test_go_toolchain() -> None:
    (package,) = look(
        {
            "/usr/local/go/VERSION": "go1.22.3\ntime 2024-05-01T19:49:47Z\n",
            "/usr/local/go/bin/go": b"#!/bin/sh\n",
        }
    ).packages
    assert (package.purl, package.evidence) == (
        "pkg:generic/go@1.22.3",
        "'go1.22.3' in the file VERSION",
    )
    assert look({"/usr/local/go/VERSION": "go1.22.3\n"}).packages == ()


def test_runtime_of_a_distribution_is_not_listed_twice() -> None:
    status = (
        "Package: openjdk\nStatus: install ok installed\nVersion: 17.0.9+9-1\nArchitecture: amd64\n"
    )
    files: dict[str, str | bytes | None] = {
        "/usr/lib/jvm/release": RELEASE,
        "/usr/lib/jvm/bin/java": Exec(b"#!/bin/sh\n"),
        "/var/lib/dpkg/status": status,
        "/var/lib/dpkg/info/openjdk.list": "/usr/lib/jvm/release\n/usr/lib/jvm/bin/java\n",
    }
    rootfs = tree(files)
    assert [
        package.ecosystem.value for package in scan_contents(rootfs, scan(rootfs)).packages.values()
    ] == ["deb"]


def test_elf_file_that_cannot_be_looked_into_is_an_unknown() -> None:
    (unknown,) = look({"/bin/broken": b"\x7fELF\x02\x01\x01" + b"\xff" * 200}).unknowns
    assert unknown.path == "/bin/broken"
    assert unknown.reason.startswith("an ELF file that cannot be looked into: ")


@pytest.mark.no_cover
def test_walk_over_large_files_takes_little_memory() -> None:
    data = elf({".rodata": bytes(50 << 20) + b"\0expat_2.5.0\0", ".data": bytes(16 << 20)})
    rootfs = tree({"/opt/large.so": data})
    known = scan(rootfs)
    del data
    tracemalloc.start()
    try:
        (package,) = inside.find(rootfs, known).packages
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert package.purl == "pkg:generic/expat@2.5.0"
    assert peak < 48 << 20
