"""apk packages of an image."""

import pytest

from careen.inventory.apk import find as apk
from careen.inventory.apk.database import read_records
from careen.inventory.scan import scan
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from tests.support.trees import Exec, Link, tree

pytestmark = pytest.mark.slow

OS_RELEASE = 'ID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\n'
LIBCRYPTO = """C:Q1abc=
P:libcrypto3
V:3.3.2-r1
A:x86_64
S:1
I:2
T:Crypto library from openssl
U:https://www.openssl.org/
L:Apache-2.0
o:openssl
m:Someone <someone@example.com>
t:1729861412
c:cb0f9dcb0bf4ebd7fd4a3a5e0a4a1f1d1a1b1c1d
D:so:libc.musl-x86_64.so.1 !old-ssl busybox>=1.36 /bin/sh
p:so:libcrypto.so.3=3 so:libcrypto.so.3=3 cmd:x~1
F:etc
F:etc/ssl
M:0:0:755
R:openssl.cnf
a:0:0:644
Z:Q1def=
F:lib
R:libcrypto.so.3
a:0:0:755
R:gone.so
F:usr/share/licenses/libcrypto3
R:LICENSE

"""
MUSL = "P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\nF:lib\nR:ld-musl-x86_64.so.1\n\n"

FILES: dict[str, bytes | str | Link | None] = {
    "/etc/os-release": OS_RELEASE,
    "/lib": Link("usr/lib"),
    "/usr/lib/apk/db/installed": LIBCRYPTO + MUSL,
    "/usr/lib/libcrypto.so.3": Exec(b"\x7fELF"),
    "/usr/lib/ld-musl-x86_64.so.1": Exec(b"\x7fELF"),
    "/etc/ssl/openssl.cnf": "x",
    "/usr/share/licenses/libcrypto3/LICENSE": "x",
}


def test_a_package_is_what_its_record_says() -> None:
    found = apk.find(tree(FILES))
    assert found.unknowns == ()
    libcrypto, musl = found.packages
    assert libcrypto == Package(
        ecosystem=Ecosystem.APK,
        name="libcrypto3",
        version="3.3.2-r1",
        purl="pkg:apk/alpine/libcrypto3@3.3.2-r1?arch=x86_64&distro=alpine-3.20.3&upstream=openssl",
        record=ImagePath("/usr/lib/apk/db/installed"),
        files=(
            ImagePath("/etc/ssl/openssl.cnf"),
            ImagePath("/usr/lib/libcrypto.so.3"),
            ImagePath("/usr/share/licenses/libcrypto3/LICENSE"),
        ),
        licences=(ImagePath("/usr/share/licenses/libcrypto3/LICENSE"),),
        depends=("so:libc.musl-x86_64.so.1", "busybox", "/bin/sh"),
        provides=("so:libcrypto.so.3", "cmd:x"),
        architecture="x86_64",
        source="openssl@3.3.2-r1",
        licence="Apache-2.0",
    )
    assert (musl.purl, musl.source) == (
        "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.3",
        "musl@1.2.5-r0",
    )
    assert musl.files == ("/usr/lib/ld-musl-x86_64.so.1",)


@pytest.mark.parametrize(
    ("release", "namespace"),
    [
        ("ID=wolfi\nVERSION_ID=20230201\n", "wolfi"),
        ("ID=chainguard\n", "chainguard"),
        ("NAME=nothing\n", "alpine"),
        ("", "alpine"),
    ],
)
def test_the_purl_names_the_distribution(release: str, namespace: str) -> None:
    found = apk.find(tree({"/lib/apk/db/installed": MUSL, "/etc/os-release": release}))
    assert found.packages[0].purl.startswith(f"pkg:apk/{namespace}/musl@1.2.5-r0?arch=x86_64")


def test_both_places_are_read_and_one_behind_a_link_once() -> None:
    both = apk.find(tree({"/lib/apk/db/installed": MUSL, "/usr/lib/apk/db/installed": LIBCRYPTO}))
    assert [package.name for package in both.packages] == ["musl", "libcrypto3"]
    linked = apk.find(tree({"/lib/apk": Link("../usr/lib/apk"), "/usr/lib/apk/db/installed": MUSL}))
    assert [(package.name, package.record) for package in linked.packages] == [
        ("musl", "/usr/lib/apk/db/installed")
    ]


def test_a_file_has_the_package_that_lists_it_as_owner() -> None:
    inventory = scan(tree(FILES), (apk,))
    assert inventory.owners[ImagePath("/usr/lib/ld-musl-x86_64.so.1")] == (
        "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.3",
    )
    assert inventory.count() == {"apk": 2}


def test_byte_code_belongs_to_the_package_that_lists_it_else_to_who_has_the_module() -> None:
    site = "usr/lib/python3.12"
    records = f"P:py3-a\nV:1\nF:{site}\nR:a.py\nR:b.py\n\nP:py3-a-pyc\nV:1\nF:{site}/__pycache__\nR:a.cpython-312.pyc\n\n"
    files = {
        f"/{site}/{name}": "x"
        for name in (
            "a.py",
            "b.py",
            "__pycache__/a.cpython-312.pyc",
            "__pycache__/b.cpython-312.pyc",
        )
    }
    first, second = apk.find(tree({"/lib/apk/db/installed": records, **files})).packages
    assert first.files == (
        f"/{site}/a.py",
        f"/{site}/b.py",
        f"/{site}/__pycache__/b.cpython-312.pyc",
    )
    assert second.files == (f"/{site}/__pycache__/a.cpython-312.pyc",)


def test_a_database_that_was_cut_off_is_an_unknown_and_what_is_whole_is_found() -> None:
    whole = LIBCRYPTO + MUSL
    for cut in range(len(LIBCRYPTO), len(whole)):
        found = apk.find(tree({**FILES, "/usr/lib/apk/db/installed": whole[:cut]}))
        assert found.packages[0].name == "libcrypto3"
        if cut > len(LIBCRYPTO) + 1 and cut != len(whole) - 1:
            assert any("ends within the record" in unknown.reason for unknown in found.unknowns), (
                cut
            )


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("P:a\n\n", "no usable package version: ''"),
        ("V:1\n\n", "no usable package name: ''"),
        ("P:a\x1b[31m\nV:1\n\n", "no usable package name"),
        ("P:a\nV:1\nnonsense\n\n", "package 'a': not a field: 'nonsense'"),
        ("P:a\nV:1\nF:../../etc\nR:shadow\n\n", "path leaves the image root"),
        ("\0\0\0\0\n\n", "not a field"),
    ],
)
def test_a_damaged_record_is_an_unknown_and_the_next_one_is_found(record: str, reason: str) -> None:
    found = apk.find(tree({"/lib/apk/db/installed": record + MUSL}))
    assert found.packages[-1].name == "musl"
    assert all(not package.files for package in found.packages)
    assert any(reason in unknown.reason for unknown in found.unknowns), found.unknowns


def test_links_in_place_of_the_database_lead_nowhere() -> None:
    loop = apk.find(
        tree(
            {
                "/lib/apk/db/installed": Link("installed"),
                "/usr/lib/apk/db/installed": Link("../../../../../../etc/passwd"),
                "/etc/passwd": "root:x:0",
            }
        )
    )
    assert loop.packages == ()
    assert all(unknown.path == "/etc/passwd" for unknown in loop.unknowns)


@pytest.mark.timeout(300)
@pytest.mark.no_cover
def test_hundreds_of_thousands_of_lines_cost_seconds_and_bounded_memory() -> None:
    files = "P:a\nV:1\nF:usr\n" + "R:x\n" * 300_000 + "\n"
    assert apk.find(tree({"/lib/apk/db/installed": files, "/usr/x": "x"})).packages[0].files == (
        "/usr/x",
    )
    packages = "".join(f"P:p{number}\nV:1\n\n" for number in range(100_001))
    found = apk.find(tree({"/lib/apk/db/installed": packages}))
    assert len(found.packages) == 100_000
    assert "more than 100000 packages" in found.unknowns[0].reason
    assert list(read_records(b"\n" * 1_000_000, "x")) == []


@pytest.mark.timeout(300)
@pytest.mark.no_cover
def test_a_long_directory_of_a_million_files_costs_its_files_and_no_package() -> None:
    found = apk.find(
        tree(
            {
                "/lib/apk/db/installed": (
                    "P:a\nV:1\nF:" + "x/" * 2000 + "\n" + "R:y\n" * 200_000 + "\n" + MUSL
                )
            }
        )
    )
    assert [package.name for package in found.packages] == ["a", "musl"]
    assert any("characters of their paths" in unknown.reason for unknown in found.unknowns)


def test_a_database_without_packages_is_an_unknown() -> None:
    (unknown,) = apk.find(tree({"/lib/apk/db/installed": ""})).unknowns
    assert (unknown.path, unknown.reason) == (
        "/lib/apk/db/installed",
        "apk's list of packages is empty",
    )
