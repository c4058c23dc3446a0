"""Debian packages of an image."""

import pytest

from careen.inventory.dpkg import find as dpkg
from careen.inventory.dpkg.relations import names, relation_groups
from careen.inventory.scan import scan
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import Exec, Link, tree

OS_RELEASE = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n'
LIBC = """Package: libc6
Essential: no
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.41-12
Depends: libgcc-s1, libssl3 (>= 3) | libssl3t64:any (>= 3.1) [amd64]
Pre-Depends: base (= 1)
Description: GNU C Library
 shared libraries
"""
DASH = """Package: dash
Essential: yes
Status: install ok installed
Architecture: amd64
Version: 0.5.12-12
Provides: posix-sh (= 1), sh
Source: dash-src (0.5.12)
"""

FILES: dict[str, bytes | str | Link | None] = {
    "/etc/os-release": OS_RELEASE,
    "/lib": Link("usr/lib"),
    "/var/lib/dpkg/status": f"{LIBC}\n{DASH}\n",
    "/var/lib/dpkg/info/libc6:amd64.list": (
        "/.\n/lib\n/lib/libc.so.6\n/usr/share/doc/libc6\n/usr/share/doc/libc6/copyright\n/usr/lib/gone.so\n/var/lib/empty\n"
    ),
    "/var/lib/dpkg/info/libc6:amd64.md5sums": "",
    "/var/lib/dpkg/info/dash.list": (
        "/.\n/usr\n/usr/bin\n/usr/bin/dash\n/usr/bin/sh\n/usr/share/doc/dash\n"
    ),
    "/var/lib/empty": None,
    "/usr/lib/libc.so.6": Exec(b"\x7fELF"),
    "/usr/share/doc/libc6/copyright": "GPL",
    "/usr/share/doc/dash": Link("libc6"),
    "/usr/bin/dash": Exec(b"\x7fELF"),
    "/usr/bin/sh": Link("dash"),
}


def packages(rootfs: Rootfs) -> dict[str, Package]:
    return {package.name: package for package in dpkg.find(rootfs).packages}


def test_a_package_is_what_its_records_say_of_it() -> None:
    found = dpkg.find(tree(FILES))
    assert found.unknowns == ()
    libc, dash = found.packages
    assert libc == Package(
        ecosystem=Ecosystem.DEB,
        name="libc6",
        version="2.41-12",
        purl="pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13",
        record=ImagePath("/var/lib/dpkg/status"),
        files=(ImagePath("/usr/lib/libc.so.6"), ImagePath("/usr/share/doc/libc6/copyright")),
        metadata=(
            ImagePath("/var/lib/dpkg/info/libc6:amd64.list"),
            ImagePath("/var/lib/dpkg/info/libc6:amd64.md5sums"),
        ),
        licences=(ImagePath("/usr/share/doc/libc6/copyright"),),
        depends=("base", "libgcc-s1", "libssl3|libssl3t64"),
        provides=(),
        architecture="amd64",
        source="glibc@2.41-12",
    )
    assert dash.essential
    assert dash.source == "dash-src@0.5.12"
    assert dash.provides == ("posix-sh", "sh")
    assert dash.licences == (
        ImagePath("/usr/share/doc/dash"),
        ImagePath("/usr/share/doc/libc6/copyright"),
    )


def test_owners_hold_real_paths_and_no_directories() -> None:
    owners = scan(tree(FILES)).owners
    dash = ("pkg:deb/debian/dash@0.5.12-12?arch=amd64&distro=debian-13",)
    assert owners[ImagePath("/usr/bin/sh")] == dash
    assert ImagePath("/usr/lib/libc.so.6") in owners
    assert ImagePath("/lib") not in owners, (
        "a link in the place of a directory of the package is not the package's"
    )
    assert ImagePath("/var/lib/empty") not in owners
    assert ImagePath("/usr/lib/gone.so") not in owners


def test_a_diverted_file_belongs_to_whoever_listed_it_first() -> None:
    files = FILES | {
        "/var/lib/dpkg/diversions": (
            "/bin/sh\n/bin/sh.distrib\nbash\n/usr/bin/dash\n/usr/bin/dash.real\n:\n"
        ),
        "/bin": Link("usr/bin"),
        "/usr/bin/sh.distrib": Link("dash"),
        "/usr/bin/dash.real": Exec(b"\x7fELF"),
    }
    assert packages(tree(files))["dash"].files[:2] == (
        ImagePath("/usr/bin/dash.real"),
        ImagePath("/usr/bin/sh.distrib"),
    )


def test_only_installed_packages_are_listed_and_half_installed_ones_are_told() -> None:
    removed = "Package: old\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\n"
    half = DASH.replace("install ok installed", "install reinstreq half-installed")
    found = dpkg.find(tree(FILES | {"/var/lib/dpkg/status": f"{LIBC}\n{removed}\n{half}"}))
    assert [package.name for package in found.packages] == ["libc6", "dash"]
    assert [unknown.reason for unknown in found.unknowns] == [
        "dash 0.5.12-12 is half-installed, not installed: what it has on disk may be incomplete"
    ]


def test_an_image_without_dpkg_has_a_file_per_package() -> None:
    found = dpkg.find(
        tree(
            {
                "/usr/lib/os-release": "ID=debian\nVERSION_ID=12\n",
                "/var/lib/dpkg/status.d/tzdata": (
                    "Package: tzdata\nVersion: 2026a-0\nArchitecture: all\n"
                ),
                "/var/lib/dpkg/status.d/tzdata.md5sums": (
                    "0123  usr/share/zoneinfo/UTC\n4567  ./usr/share/zoneinfo/Asia/with space\n"
                ),
                "/usr/share/zoneinfo/UTC": "TZif",
                "/usr/share/zoneinfo/Asia/with space": "TZif",
            }
        )
    )
    (package,) = found.packages
    assert package.purl == "pkg:deb/debian/tzdata@2026a-0?arch=all&distro=debian-12"
    assert package.record == "/var/lib/dpkg/status.d/tzdata"
    assert package.files == ("/usr/share/zoneinfo/UTC", "/usr/share/zoneinfo/Asia/with space")
    assert package.metadata == (
        "/var/lib/dpkg/status.d/tzdata",
        "/var/lib/dpkg/status.d/tzdata.md5sums",
    )


def test_byte_code_belongs_to_the_package_of_its_module() -> None:
    files = FILES | {
        "/var/lib/dpkg/info/dash.list": "/usr/lib/python3/x.py\n",
        "/usr/lib/python3/x.py": "",
        "/usr/lib/python3/__pycache__/x.cpython-313.pyc": b"",
        "/usr/lib/python3/__pycache__/y.cpython-313.pyc": b"",
    }
    assert packages(tree(files))["dash"].files == (
        "/usr/lib/python3/x.py",
        "/usr/lib/python3/__pycache__/x.cpython-313.pyc",
    )


def test_a_damaged_status_file_is_an_unknown_with_the_line() -> None:
    inventory = scan(tree({"/var/lib/dpkg/status": "Package: a\nno colon here\n"}))
    assert inventory.packages == {}
    assert [unknown.reason for unknown in inventory.unknowns] == [
        "/var/lib/dpkg/status: line 2: expected 'Field: value', got b'no colon here'"
    ]


def test_hostile_lists_name_nothing_outside() -> None:
    files = FILES | {
        "/var/lib/dpkg/info/dash.list": (
            "/../../etc/shadow\n/usr/../../x\nrelative\n/usr/bin/..\n/loop/x\n\n/"
            + "a/" * 3000
            + "b\n"
        ),
        "/loop": Link("loop"),
    }
    found = dpkg.find(tree(files))
    assert {package.name: package.files for package in found.packages}["dash"] == ()


def test_a_name_with_a_slash_is_refused() -> None:
    found = dpkg.find(
        tree(
            {
                "/var/lib/dpkg/status": (
                    "Package: ../../etc\nStatus: install ok installed\nVersion: 1\n"
                )
            }
        )
    )
    assert found.packages == ()
    assert (
        found.unknowns[0].reason == "a package without a usable name and version: '../../etc' '1'"
    )


def test_one_package_recorded_twice_is_one_package_and_an_unknown() -> None:
    inventory = scan(tree(FILES | {"/var/lib/dpkg/status": f"{DASH}\n{DASH}\n"}))
    assert list(inventory.packages) == ["pkg:deb/debian/dash@0.5.12-12?arch=amd64&distro=debian-13"]
    assert [
        unknown.reason for unknown in inventory.unknowns if "no record" not in unknown.reason
    ] == ["dash 0.5.12-12 is recorded twice; the second record is passed over"]


def test_relations_are_reduced_to_names() -> None:
    assert relation_groups("a (>= 1:2~) , b:any|c [amd64] <!nocheck>, , a") == ("a", "b|c")
    assert names("x (= 1), y") == ("x", "y")
    assert relation_groups("${shlibs:Depends}, (>= 3)") == ()
    assert relation_groups("a [ ], b [!], c:native (<< 1) <!x> <y z>, d\n , e") == (
        "b",
        "c",
        "d",
        "e",
    )


@pytest.mark.timeout(60)
def test_relations_that_are_none_cost_no_time_and_say_nothing(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    assert (
        relation_groups("a" + " " * 1_000_000 + "x, b (" + ">" * 100_000 + ", c " + "<" * 100_000)
        == ()
    )
    assert len(caplog.records) == 3
    assert capfd.readouterr() == ("", "")


def test_what_is_missing_beside_a_record_is_told() -> None:
    files = {path: value for path, value in FILES.items() if not path.endswith("dash.list")}
    found = dpkg.find(
        tree(
            files
            | {
                "/var/lib/dpkg/status.d/lone": "Package: lone\nVersion: 1\n",
                "/var/lib/dpkg/diversions": "/a\n/b\n",
            }
        )
    )
    assert [package.name for package in found.packages] == ["libc6", "dash", "lone"]
    assert [(unknown.path, unknown.reason) for unknown in found.unknowns] == [
        ("/var/lib/dpkg/diversions", "2 lines, expected a multiple of three"),
        ("/var/lib/dpkg/info/dash.list", "package dash has no file list"),
        ("/var/lib/dpkg/status.d/lone", "the package has no file list"),
    ]


def test_databases_beyond_their_limits_are_unknowns() -> None:
    found = dpkg.find(
        tree(
            FILES
            | {
                "/var/lib/dpkg/diversions": b"/" * ((4 << 20) + 1),
                "/var/lib/dpkg/info/dash.list": b"/" * ((64 << 20) + 1),
            }
        )
    )
    assert [package.name for package in found.packages] == ["libc6", "dash"]
    assert [unknown.reason for unknown in found.unknowns] == [
        "/var/lib/dpkg/diversions: larger than the 4194304 bytes that are read of such a file",
        "/var/lib/dpkg/info/dash.list: larger than the 67108864 bytes that are read of such a file",
    ]


def test_a_damaged_os_release_leaves_the_distribution_out_of_the_purl() -> None:
    found = dpkg.find(tree(FILES | {"/etc/os-release": "ID='unclosed\nVERSION_ID\n"}))
    assert found.packages[0].purl == "pkg:deb/debian/libc6@2.41-12?arch=amd64"


def test_a_status_file_that_was_cut_off_is_an_unknown_wherever_it_ends() -> None:
    whole = f"{LIBC}\n{DASH}\n"
    for cut in range(len(whole)):
        found = dpkg.find(tree({**FILES, "/var/lib/dpkg/status": whole[:cut]}))
        versions = {package.name: package.version for package in found.packages}
        if versions == {"libc6": "2.41-12", "dash": "0.5.12-12"}:
            continue
        assert found.unknowns, cut
        assert all(unknown.path == "/var/lib/dpkg/status" for unknown in found.unknowns)


def test_packages_whose_records_were_taken_out_are_named() -> None:
    lists = {
        f"/var/lib/dpkg/info/{name}.list": "/.\n" for name in ("openssl", "libssl3:amd64", "curl")
    }
    found = dpkg.find(
        tree(
            {
                **FILES,
                **lists,
                "/var/lib/dpkg/info/openssl.md5sums": "",
                "/var/lib/dpkg/info/format": "1",
            }
        )
    )
    assert [(unknown.path, unknown.reason) for unknown in found.unknowns] == [
        (
            "/var/lib/dpkg/status",
            (
                "no record of 'curl' and 2 more, of which dpkg's info directory has file lists:"
                " status was cut or edited"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("", "dpkg's list of packages is empty"),
        (None, "dpkg's list of packages is no regular file"),
        (Link("status"), "dpkg's list of packages is no regular file"),
    ],
)
def test_a_list_of_packages_without_packages_is_an_unknown(
    status: str | Link | None, reason: str
) -> None:
    found = dpkg.find(tree({"/var/lib/dpkg/status": status}))
    assert found.packages == ()
    assert [(unknown.path, unknown.reason) for unknown in found.unknowns] == [
        ("/var/lib/dpkg/status", reason)
    ]
    assert (
        dpkg.find(
            tree(
                {
                    "/var/lib/dpkg/status": "",
                    "/var/lib/dpkg/status.d/lone": "Package: lone\nVersion: 1\n",
                }
            )
        )
        .packages[0]
        .name
        == "lone"
    )
