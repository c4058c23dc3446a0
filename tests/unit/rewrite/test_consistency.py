"""What the check of the databases complains about, and what it lets pass."""

import base64
import hashlib

import pytest

from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.rewrite.consistency import check_databases
from tests.support.trees import Link, tree

NOTHING = Inventory({}, {})
INFO = "/var/lib/dpkg/info"
STATUS = "/var/lib/dpkg/status"
SITE = "/usr/lib/python3.11/site-packages"
RECORD = f"{SITE}/demo-1.dist-info/RECORD"
INSTALLED = "Package: demo\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n"


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def record_hash(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


GOOD: dict[str, bytes | str | Link | None] = {
    STATUS: INSTALLED,
    "/lib": Link("usr/lib"),
    "/usr/lib/libdemo.so": b"demo",
    "/bin/sh.distrib": b"sh",
    "/bin/sh": b"dash",
    "/var/lib/dpkg/diversions": "/bin/sh\n/bin/sh.distrib\ndash\n",
    f"{INFO}/demo.list": "/.\n/lib/libdemo.so\n/bin/sh\n",
    f"{INFO}/demo.md5sums": f"{md5(b'demo')}  lib/libdemo.so\n{md5(b'sh')}  bin/sh\n",
    RECORD: f"demo.py,{record_hash(b'x = 1')},5\ndemo-1.dist-info/RECORD,,\n",
    f"{SITE}/demo.py": b"x = 1",
}


def test_databases_that_match_the_disk_are_silent() -> None:
    assert check_databases(tree(GOOD), NOTHING) == ()


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        ({"/usr/lib/libdemo.so": b"evil"}, f"{INFO}/demo.md5sums: 'lib/libdemo.so' has the checksum md5={md5(b'evil')}, md5={md5(b'demo')} is recorded"),
        ({f"{SITE}/demo.py": b"x = 2"}, f"{RECORD}: 'demo.py' has the checksum {record_hash(b'x = 2')}, {record_hash(b'x = 1')} is recorded"),
        ({f"{SITE}/demo.py": b"longer"}, f"{RECORD}: 'demo.py' has 6 bytes, 5 are recorded"),
        ({f"{INFO}/demo.list": "/lib/gone.so\n"}, f"{INFO}/demo.list: '/lib/gone.so' is listed but not there"),
        ({RECORD: "gone.py,,\n"}, f"{RECORD}: 'gone.py' is listed but not there"),
        ({f"{SITE}/demo.py": None}, f"{RECORD}: 'demo.py' has a checksum but is not a regular file"),
        ({STATUS: f"{INSTALLED}\n{INSTALLED.replace('demo', 'other')}"}, f"{STATUS}: other is installed but its file info/other.list is missing"),
        ({STATUS: "no colon\n"}, f"{STATUS}: line 1: expected 'Field: value', got b'no colon'"),
    ],
)  # fmt: skip
def test_each_breach_is_named(change: dict[str, bytes | str | Link | None], breach: str) -> None:
    assert breach in check_databases(tree({**GOOD, **change}), NOTHING)


def test_a_package_that_was_taken_out_of_the_inventory_record_is_named() -> None:
    purl = "pkg:pypi/gone@1"
    record = ImagePath(f"{SITE}/gone-1.dist-info/RECORD")
    inventory = Inventory({purl: Package(Ecosystem.PYPI, "gone", "1", purl, record, ())}, {})
    assert check_databases(tree(GOOD), inventory) == (f"{record}: the record of {purl} is missing",)


def test_only_what_the_original_did_not_have_counts() -> None:
    slim: dict[str, bytes | str | Link | None] = {
        **GOOD,
        f"{INFO}/demo.list": "/lib/libdemo.so\n/usr/share/doc/demo/README\n",
        "/usr/lib/libdemo.so": b"patched",
    }
    assert len(check_databases(tree(slim), NOTHING)) == 2
    assert check_databases(tree(slim), NOTHING, tree(slim)) == ()
    worse: dict[str, bytes | str | Link | None] = {**slim, "/usr/lib/libdemo.so": b"patched again"}
    assert [
        breach.partition(": ")[0] for breach in check_databases(tree(worse), NOTHING, tree(slim))
    ] == [f"{INFO}/demo.md5sums"]


def test_a_flood_of_breaches_is_counted_and_cut() -> None:
    flood = tree({f"{INFO}/demo.list": "".join(f"/gone{i}\n" for i in range(5_000))})
    breaches = check_databases(flood, NOTHING)
    assert (len(breaches), breaches[-1]) == (1_001, "… and 4000 more")


@pytest.mark.parametrize(
    "record",
    ["", "\n\n", '"unclosed', "demo.py,sha256=short,x\n", "demo.py,md5=00,5\n", "a" * 200_000, ",,,\n", "\udce9,,\n"],
    ids=["empty", "blank", "quote", "bad hash", "weak hash", "long field", "no path", "bytes"],
)  # fmt: skip
def test_hostile_records_end_in_breaches_or_nothing(record: str) -> None:
    breaches = check_databases(
        tree({**GOOD, RECORD: record.encode("utf-8", "surrogateescape")}), NOTHING
    )
    assert all(breach.startswith(RECORD) for breach in breaches)


def apk_tree(library: bytes, text: str) -> tuple[str, ...]:
    """What is said of an apk database with this text, where the library has this content."""
    path = ImagePath("/lib/apk/db/installed")
    packages = {
        "pkg:apk/alpine/demo@1": Package(
            Ecosystem.APK, "demo", "1", "pkg:apk/alpine/demo@1", path, ()
        )
    }
    return check_databases(
        tree({path: text, "/lib/libdemo.so": library, "/bin/demo": Link("box")}),
        Inventory(packages, {}),
    )


def test_an_apk_database_is_held_to_the_paths_and_sums_that_it_lists() -> None:
    digest = base64.b64encode(hashlib.sha1(b"demo", usedforsecurity=False).digest()).decode()
    good = f"P:demo\nV:1\nF:lib\nR:libdemo.so\na:0:0:755\nZ:Q1{digest}\nF:bin\nR:demo\nZ:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nF:\n\n"
    assert apk_tree(b"demo", good) == ()
    (breach,) = apk_tree(b"evil", good)
    assert breach.startswith("/lib/apk/db/installed: 'lib/libdemo.so' has the checksum sha1=")
    assert apk_tree(b"demo", good.replace("R:demo", "R:gone")) == (
        "/lib/apk/db/installed: 'bin/gone' is listed but not there",
    )
    assert apk_tree(b"evil", good.replace(f"Z:Q1{digest}", "Z:Q1not base64")) == ()
