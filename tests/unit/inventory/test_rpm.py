"""rpm packages of an image, from each kind of database and from a manifest."""

import errno
import sqlite3
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.inventory.rpm import find as rpm
from careen.model.packages.package import Ecosystem, Package, Unknown
from careen.model.paths import ImagePath
from tests.support.rpms import (
    PAGE,
    bdb_database,
    bdb_page,
    header,
    ndb_database,
    package,
    sqlite_database,
)
from tests.support.trees import Exec, Link, tree

pytestmark = pytest.mark.slow

RHEL = 'ID="rhel"\nVERSION_ID="9.4"\n'
OPENSSL = package(
    "openssl-libs",
    "3.0.7",
    "27.el9",
    epoch=1,
    arch="x86_64",
    license="Apache-2.0",
    vendor="Red Hat, Inc.",
    sourcerpm="openssl-3.0.7-27.el9.src.rpm",
    requirename=[
        "libc.so.6()(64bit)",
        "rpmlib(CompressedFileNames)",
        "libc.so.6()(64bit)",
        "ca-certificates",
    ],
    providename=["openssl-libs", "libssl.so.3()(64bit)"],
    files=[
        "/usr/lib64/libssl.so.3",
        "/usr/share/licenses/openssl-libs/LICENSE",
        "/usr/share/doc/openssl/COPYING",
        "/lib64/engines-3",
        "/usr/lib64/gone.so",
    ],
    fileflags=[0, 1 << 7, 1 << 7, 0, 0],
)
NODE = package(
    "nodejs",
    "20.11.1",
    "1.module_el9",
    arch="x86_64",
    modularitylabel="nodejs:20:9040020240228165436:rhel9",
    files=["/usr/bin/node"],
)
KEY = package("gpg-pubkey", "fd431d51", "4ae0493b")

FILES: dict[str, bytes | str | Link | None] = {
    "/etc/os-release": RHEL,
    "/lib64": Link("usr/lib64"),
    "/usr/lib64/libssl.so.3": Exec(b"\x7fELF"),
    "/usr/lib64/engines-3": None,
    "/usr/share/licenses/openssl-libs/LICENSE": "Apache",
    "/usr/share/doc/openssl/COPYING": "Apache",
    "/usr/bin/node": Exec(b"\x7fELF"),
}

KINDS: dict[str, Callable[[Sequence[bytes]], bytes]] = {
    "rpmdb.sqlite": sqlite_database,
    "Packages.db": ndb_database,
    "Packages": bdb_database,
}


def found(
    name: str, data: bytes, directory: str = "/var/lib/rpm"
) -> tuple[dict[str, Package], tuple[Unknown, ...]]:
    result = rpm.find(tree({**FILES, f"{directory}/{name}": data}))
    return {one.name: one for one in result.packages}, result.unknowns


@pytest.mark.parametrize("name", KINDS)
def test_a_package_is_what_its_header_says(name: str) -> None:
    packages, unknowns = found(name, KINDS[name]([OPENSSL, KEY, NODE]))
    assert unknowns == ()
    assert list(packages) == ["openssl-libs", "nodejs"]
    assert packages["openssl-libs"] == Package(
        ecosystem=Ecosystem.RPM,
        name="openssl-libs",
        version="1:3.0.7-27.el9",
        purl="pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=1&upstream=openssl-3.0.7-27.el9.src.rpm",
        record=ImagePath(f"/var/lib/rpm/{name}"),
        files=(
            ImagePath("/usr/lib64/libssl.so.3"),
            ImagePath("/usr/share/licenses/openssl-libs/LICENSE"),
            ImagePath("/usr/share/doc/openssl/COPYING"),
        ),
        licences=(
            ImagePath("/usr/share/licenses/openssl-libs/LICENSE"),
            ImagePath("/usr/share/doc/openssl/COPYING"),
        ),
        depends=("libc.so.6()(64bit)", "ca-certificates"),
        provides=("openssl-libs", "libssl.so.3()(64bit)"),
        architecture="x86_64",
        source="openssl@1:3.0.7-27.el9",
        licence="Apache-2.0",
    )
    assert packages["nodejs"].version == "20.11.1-1.module_el9"
    assert packages["nodejs"].module == "nodejs:20:9040020240228165436:rhel9"
    assert packages["nodejs"].source == ""


@pytest.mark.parametrize("name", KINDS)
def test_headers_of_many_pages_are_read_whole(name: str) -> None:
    paths = [f"/usr/share/big/{number:05}" for number in range(3000)]
    result = rpm.find(
        tree(
            {
                f"/var/lib/rpm/{name}": KINDS[name]([package("big", "1", "1", files=paths)]),
                **dict.fromkeys(paths, "x"),
            }
        )
    )
    assert result.unknowns == ()
    assert result.packages[0].files == tuple(paths)
    assert result.packages[0].purl == "pkg:rpm/big@1-1"


def test_a_berkeley_database_of_a_big_endian_machine() -> None:
    packages, unknowns = found("Packages", bdb_database([OPENSSL, NODE], order=">"))
    assert unknowns == ()
    assert list(packages) == ["openssl-libs", "nodejs"]


def test_one_database_behind_links_is_read_once() -> None:
    files = {
        **FILES,
        "/usr/lib/sysimage/rpm/rpmdb.sqlite": sqlite_database([NODE]),
        "/var/lib/rpm": Link("../../usr/lib/sysimage/rpm"),
    }
    result = rpm.find(tree(files))
    assert [(one.name, one.record) for one in result.packages] == [
        ("nodejs", "/usr/lib/sysimage/rpm/rpmdb.sqlite")
    ]
    assert result.unknowns == ()


def test_what_is_left_over_of_an_older_format_is_named_and_not_read() -> None:
    old = package("nodejs", "18.0.0", "1")
    result = rpm.find(
        tree(
            {
                **FILES,
                "/var/lib/rpm/rpmdb.sqlite": sqlite_database([NODE]),
                "/var/lib/rpm/Packages": bdb_database([old]),
            }
        )
    )
    assert [one.version for one in result.packages] == ["20.11.1-1.module_el9"]
    assert [(unknown.path, unknown.reason) for unknown in result.unknowns] == [
        ("/var/lib/rpm/Packages", "not read: rpm uses /var/lib/rpm/rpmdb.sqlite")
    ]


def test_an_empty_database_does_not_hide_the_one_beside_it() -> None:
    result = rpm.find(
        tree(
            {
                **FILES,
                "/var/lib/rpm/rpmdb.sqlite": sqlite_database([]),
                "/var/lib/rpm/Packages": bdb_database([NODE]),
            }
        )
    )
    assert [one.name for one in result.packages] == ["nodejs"]


def test_the_write_ahead_log_is_part_of_a_sqlite_database(tmp_path: Path) -> None:
    path = tmp_path / "rpmdb.sqlite"
    path.write_bytes(sqlite_database([OPENSSL]))
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("INSERT INTO Packages (blob) VALUES (?)", (NODE,))
    database.commit()
    files = {
        **FILES,
        "/var/lib/rpm/rpmdb.sqlite": path.read_bytes(),
        "/var/lib/rpm/rpmdb.sqlite-wal": Path(f"{path}-wal").read_bytes(),
    }
    database.close()
    result = rpm.find(tree(files))
    assert [one.name for one in result.packages] == ["openssl-libs", "nodejs"]
    without = rpm.find(
        tree({name: data for name, data in files.items() if not name.endswith("-wal")})
    )
    assert [one.name for one in without.packages] == ["openssl-libs"]


def test_a_manifest_stands_for_the_database_of_an_image_without_rpm() -> None:
    manifest = (
        "openssl-libs\t3.3.0-2.azl3\t1718000000\t1717000000\tMicrosoft"
        " Corporation\t(none)\t100\tx86_64\t0\topenssl-3.3.0-2.azl3.src.rpm\nshadow\t4.14.3-2.azl3\t1\t2\t(none)\t2\t5\tx86_64\t2\t(none)\nnot"
        " a line\n"
    )
    result = rpm.find(
        tree(
            {
                "/etc/os-release": "ID=azurelinux\nVERSION_ID=3.0\n",
                "/var/lib/rpmmanifest/container-manifest-2": manifest,
            }
        )
    )
    assert [(one.name, one.version, one.source, one.purl) for one in result.packages] == [
        (
            "openssl-libs",
            "3.3.0-2.azl3",
            "openssl@3.3.0-2.azl3",
            "pkg:rpm/azurelinux/openssl-libs@3.3.0-2.azl3?arch=x86_64&distro=azurelinux-3.0&upstream=openssl-3.3.0-2.azl3.src.rpm",
        ),
        (
            "shadow",
            "2:4.14.3-2.azl3",
            "",
            "pkg:rpm/azurelinux/shadow@4.14.3-2.azl3?arch=x86_64&distro=azurelinux-3.0&epoch=2",
        ),
    ]
    assert [unknown.reason for unknown in result.unknowns] == [
        "not a line of an rpm manifest: 'not a line'",
        "the manifest lists no files: who owns them is not known",
    ]


def test_a_module_s_byte_code_belongs_to_the_package_that_has_the_module() -> None:
    files = {
        "/usr/lib/python3.9/site-packages/dnf.py": "x",
        "/usr/lib/python3.9/site-packages/__pycache__/dnf.cpython-39.pyc": "x",
    }
    data = sqlite_database(
        [package("python3-dnf", "4", "1", files=["/usr/lib/python3.9/site-packages/dnf.py"])]
    )
    result = rpm.find(tree({**files, "/var/lib/rpm/rpmdb.sqlite": data}))
    assert result.packages[0].files == tuple(files)


DAMAGED: dict[str, tuple[str, bytes, str]] = {
    "a sqlite file that is none": (
        "rpmdb.sqlite",
        b"SQLite format 3\0" + b"\xff" * 5000,
        "sqlite: ",
    ),
    "a sqlite database cut in the middle": (
        "rpmdb.sqlite",
        sqlite_database([package("a", "1", "1", files=[f"/f{n}" for n in range(3000)])])[:8192],
        "sqlite: ",
    ),
    "a view in place of the table": ("rpmdb.sqlite", b"", "no table 'Packages'"),
    "an ndb file that ends in its header": ("Packages.db", b"RpmP\0\0", "ends in its header"),
    "an ndb file with millions of pages": (
        "Packages.db",
        struct.pack("<4sIII", b"RpmP", 0, 1, 0xFFFFFFFF) + b"\0" * 32,
        "4294967295",
    ),
    "an ndb blob beyond the end": ("Packages.db", ndb_database([NODE])[:-16], "does not fit"),
    "an ndb blob that was changed": (
        "Packages.db",
        ndb_database([NODE]).replace(b"nodejs", b"nodejz", 1),
        "checksum",
    ),
    "a Berkeley database of another kind": (
        "Packages",
        bdb_database([NODE])[:12] + struct.pack("<I", 0x053162) + b"\0" * 4096,
        "not a hash",
    ),
    "a Berkeley database with odd pages": (
        "Packages",
        bdb_database([NODE])[:20] + struct.pack("<I", 777) + bdb_database([NODE])[24:],
        "777",
    ),
    "a Berkeley database that is cut off": (
        "Packages",
        bdb_database([package("a", "1", "1", files=[f"/f{n}" for n in range(999)])])[:9000],
        "header",
    ),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_database_is_an_unknown(what: str) -> None:
    name, data, reason = DAMAGED[what]
    if what.startswith("a view"):
        with sqlite3.connect(":memory:") as database:
            database.execute(
                "CREATE VIEW Packages AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1"
                " FROM t) SELECT n AS hnum, zeroblob(n) AS blob FROM t"
            )
            data = database.serialize()
        database.close()
    packages, unknowns = found(name, data)
    assert packages == {}
    assert [unknown.path for unknown in unknowns] == [f"/var/lib/rpm/{name}"] * len(unknowns)
    assert any(reason in unknown.reason for unknown in unknowns), unknowns


@pytest.mark.no_cover
def test_damaged_sqlite_pages_cost_only_what_was_on_them() -> None:
    blobs = [
        package(
            f"p{number:03}",
            "1",
            "1",
            files=[f"/usr/share/p{number}/{file:04}" for file in range(40)],
        )
        for number in range(200)
    ]
    data = sqlite_database(blobs)
    whole, unknowns = found("rpmdb.sqlite", data)
    assert (len(whole), unknowns) == (200, ())
    pages = len(data) // 4096
    lost: list[int] = []
    for page in range(2, pages):  # the first two lead to all others
        packages, unknowns = found(
            "rpmdb.sqlite", data[: page * 4096] + b"\0" * 4096 + data[(page + 1) * 4096 :]
        )
        assert packages.keys() <= whole.keys()
        assert bool(unknowns) == (len(packages) < 200), "what is lost is said"
        lost.append(200 - len(packages))
    assert 0 < max(lost) < 20


def test_overflow_pages_in_a_circle_end() -> None:
    blob = package("circle", "1", "1", files=[f"/f{n}" for n in range(2000)])
    data = bytearray(bdb_database([blob]))
    pages = len(data) // PAGE
    assert pages > 4
    data[3 * PAGE : 3 * PAGE + 26] = bdb_page(3, 7, 1, PAGE - 26, 2)  # back to the first one
    packages, unknowns = found("Packages", bytes(data))
    assert packages == {}
    assert len(unknowns) == 1
    data[3 * PAGE : 3 * PAGE + 26] = bdb_page(3, 7, 1, 0, 3)  # to itself, without a byte
    assert "expected" in found("Packages", bytes(data))[1][0].reason


HEADERS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not an rpm header: 0 bytes"),
    "more tags than bytes": (struct.pack(">II", 0xFFFF, 16) + b"\0" * 64, "65535 tags"),
    "a billion tags": (struct.pack(">II", 1 << 30, 16) + b"\0" * 64, "1073741824 tags"),
    "a name without an end": (
        header({1000: "a", 1001: "1"}).replace(b"1\0", b"1x"),
        "without an end",
    ),
    "four billion files": (
        package("a", "1", "1", files=["/x/y"]).replace(
            struct.pack(">IIII", 1117, 8, 16, 1), struct.pack(">IIII", 1117, 8, 16, 0xFFFFFFFF)
        ),
        "4294967295 strings",
    ),
    "a directory that is not there": (
        package("a", "1", "1", basenames=["x"], dirnames=["/"], dirindexes=[7]),
        "into 1 directories",
    ),
    "fewer directories than names": (
        package("a", "1", "1", basenames=["x", "y"], dirnames=["/"], dirindexes=[0]),
        "2 names, 1 indexes",
    ),
    "a directory of a megabyte for a thousand files": (
        package(
            "a",
            "1",
            "1",
            basenames=["x"] * 1000,
            dirnames=["/" + "d" * (1 << 20)],
            dirindexes=[0] * 1000,
        ),
        "more than 67108864 characters",
    ),
    "a name with a line break": (package("a\nb", "1", "1"), "no usable package name"),
    "no version": (header({1000: "a"}), "no usable package version"),
}


@pytest.mark.parametrize("what", HEADERS)
def test_a_damaged_header_is_an_unknown_and_the_next_package_is_found(what: str) -> None:
    blob, reason = HEADERS[what]
    packages, unknowns = found("rpmdb.sqlite", sqlite_database([blob, NODE]))
    assert list(packages) == ["nodejs"]
    assert len(unknowns) == 1
    assert reason in unknowns[0].reason


def test_listed_paths_stay_inside_the_image() -> None:
    packages, unknowns = found(
        "rpmdb.sqlite",
        sqlite_database(
            [package("a", "1", "1", files=["/../../etc/shadow", "/usr/bin/node", "/" + "x" * 5000])]
        ),
    )
    assert packages["a"].files == ("/usr/bin/node",)
    assert len(unknowns) == 2


def test_file_names_that_are_no_text_are_kept() -> None:
    result = rpm.find(
        tree(
            {
                "/var/lib/rpm/rpmdb.sqlite": sqlite_database(
                    [package("a", "1", "1", files=["/usr/caf\udce9"])]
                ),
                "/usr/caf\udce9": "x",
            }
        )
    )
    assert result.packages[0].files == ("/usr/caf\udce9",)


@pytest.mark.timeout(300)
@pytest.mark.no_cover
def test_thousands_of_items_that_share_one_header_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rpm, "MAX_LISTED", 500_000)
    data = bytearray(
        bdb_database([package("a", "1", "1", files=[f"/f/{number}" for number in range(30_000)])])
    )
    (length,) = struct.unpack_from("<I", data, data.index(struct.pack("<B3xI", 3, 2)) + 8)
    for number in range(100):
        offsets, page, end = [], bytearray(PAGE), PAGE
        for item in [
            b"\x01" + struct.pack("<I", number + 1),
            struct.pack("<B3xII", 3, 2, length),
        ] * 100:
            end -= len(item)
            page[end : end + len(item)] = item
            offsets.append(end)
        head = bdb_page(len(data) // PAGE, 13, len(offsets), end, 0) + struct.pack(
            f"<{len(offsets)}H", *offsets
        )
        page[: len(head)] = head
        data += page
    packages, unknowns = found("Packages", bytes(data))
    assert list(packages) == ["a"]
    assert "more than 500000 files and names" in unknowns[0].reason


@pytest.mark.timeout(300)
@pytest.mark.no_cover
def test_queries_that_search_without_an_end_are_ended() -> None:
    with sqlite3.connect(":memory:") as database:
        database.execute(
            "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB) WITHOUT ROWID"
        )
        database.executemany(
            "INSERT INTO Packages VALUES (?, x'00')", [(number,) for number in range(10_000)]
        )
        data = database.serialize()
    database.close()
    packages, unknowns = found("rpmdb.sqlite", data)
    assert (packages, len(unknowns)) == ({}, 1)
    assert "no such column: rowid" in unknowns[0].reason
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE Packages (hnum INTEGER, blob BLOB)")
        database.executemany("INSERT INTO Packages VALUES (1, ?)", [(NODE,) for _ in range(20_000)])
        data = database.serialize()
    database.close()
    assert list(found("rpmdb.sqlite", data)[0]) == ["nodejs"]


def test_a_database_without_packages_is_an_unknown() -> None:
    for content in (b"", sqlite_database([])):
        (unknown,) = rpm.find(tree({"/var/lib/rpm/rpmdb.sqlite": content})).unknowns
        assert (unknown.path, unknown.reason) == (
            "/var/lib/rpm/rpmdb.sqlite",
            "rpm's database holds no package",
        )


def test_a_page_of_a_berkeley_database_that_became_another_kind_is_an_unknown() -> None:
    data = bytearray(bdb_database([package("bash", "5.1", "1.el9")]))
    page = len(data) // 2
    assert data[page + 25] == 13
    data[page + 25] = 99
    found = rpm.find(tree({"/var/lib/rpm/Packages": bytes(data)}))
    assert found.packages == ()
    assert [unknown.reason for unknown in found.unknowns] == [
        "page 1: of type 99, which no page of a hash has"
    ]


def test_no_room_for_the_copy_is_an_error_of_this_machine_and_no_unknown_of_the_image(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(
        ToolError, match="No space left on device; free some room, or name another place in TMPDIR"
    ):
        rpm.find(
            tree({"/var/lib/rpm/rpmdb.sqlite": sqlite_database([package("bash", "5.1", "1.el9")])})
        )
