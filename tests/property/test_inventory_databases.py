"""Package databases of the distribution with bytes changed at random: whatever is in them, the
finders return.
"""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careen.inventory import conda
from careen.inventory.apk import find as apk
from careen.inventory.dpkg import find as dpkg
from careen.inventory.port import Found, PackageFinder
from careen.inventory.rpm import find as rpm
from careen.inventory.scan import scan
from tests.support.rpms import bdb_database, ndb_database, package, sqlite_database
from tests.support.trees import tree

BLOBS = [
    package("big", "1", "1", files=[f"/usr/share/big/{number}" for number in range(400)]),
    package("small", "2", "1", epoch=1, files=["/usr/bin/small"]),
]
APK = (
    "P:musl\nV:1.2.5-r0\nA:x86_64\no:musl\nD:a"
    " b>1\nF:lib\nR:ld-musl.so.1\nF:usr\nR:x\n\nP:b\nV:1\n\n"
)
DPKG = (
    "Package: a\nStatus: install ok installed\nVersion: 1:2-3\nArchitecture: amd64\nSource: b"
    " (1)\nDepends: c | d, e\n\nPackage: b\nVersion: 1\n\n"
)
CONDA = (
    '{"name":"zlib","version":"1.3","build":"h_1","channel":"x/y","subdir":"linux-64","fn":"a.conda","depends":["a'
    ' >1"],"files":["lib/z"]}'
)
MANIFEST = "a\t1-2\t1\t2\tv\t(none)\t3\tx86_64\t0\ta-1-2.src.rpm\n" * 2

DATABASES: Mapping[str, tuple[PackageFinder, str, bytes]] = {
    "sqlite": (rpm, "/var/lib/rpm/rpmdb.sqlite", sqlite_database(BLOBS)),
    "ndb": (rpm, "/var/lib/rpm/Packages.db", ndb_database(BLOBS)),
    "bdb": (rpm, "/var/lib/rpm/Packages", bdb_database(BLOBS)),
    "rpm manifest": (rpm, "/var/lib/rpmmanifest/container-manifest-2", MANIFEST.encode()),
    "apk": (apk, "/lib/apk/db/installed", APK.encode()),
    "dpkg": (dpkg, "/var/lib/dpkg/status", DPKG.encode()),
    "conda": (conda, "/opt/conda/conda-meta/zlib-1.3-h_1.json", CONDA.encode()),
}
FILES = {
    "/usr/bin/small": "x",
    "/usr/share/big/7": "x",
    "/lib/ld-musl.so.1": "x",
    "/opt/conda/lib/z": "x",
}

Mutation = Callable[[bytes], bytes]
at = st.floats(0, 1, exclude_max=True)


def replaced(place: float, new: bytes) -> Mutation:
    def apply(data: bytes) -> bytes:
        where = int(place * len(data))
        return data[:where] + new + data[where + len(new) :]

    return apply


def cut(place: float) -> Mutation:
    return lambda data: data[: int(place * len(data))]


def repeated(place: float, length: int, times: int) -> Mutation:
    def apply(data: bytes) -> bytes:
        where = int(place * len(data))
        return data[:where] + data[where : where + length] * times + data[where + length :]

    return apply


mutations = st.one_of(
    st.builds(replaced, at, st.binary(min_size=1, max_size=8)),
    st.builds(
        replaced,
        at,
        st.sampled_from(
            [b"\0" * 64, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\n\n", b"\0\0\0\x01", b"\x01\0\0\0"]
        ),
    ),
    st.builds(cut, at),
    st.builds(repeated, at, st.integers(1, 200), st.integers(2, 5)),
)


def looked_into(name: str, data: bytes) -> Found:
    finder, path, _ = DATABASES[name]
    rootfs = tree({**FILES, path: data})
    found = finder.find(rootfs)
    inventory = scan(rootfs, (finder,))
    assert len(inventory.packages) <= len(found.packages)
    for one in found.packages:
        assert one.name
        assert one.version
        assert one.purl.startswith("pkg:")
        assert all(file in rootfs and not rootfs[file].is_dir for file in one.files)
        "".join(
            (
                one.purl,
                one.name,
                one.version,
                one.source,
                one.module,
                one.licence,
                one.architecture,
                *one.depends,
                *one.provides,
            )
        ).encode()
    for unknown in found.unknowns:
        assert unknown.reason
    return found


@pytest.mark.parametrize("name", DATABASES)
@settings(max_examples=150, deadline=None)
@given(st.lists(mutations, min_size=1, max_size=4))
def test_a_changed_database_never_raises(name: str, changes: list[Mutation]) -> None:
    data = DATABASES[name][2]
    for change in changes:
        data = change(data)
    looked_into(name, data)


@pytest.mark.parametrize("name", ["sqlite", "ndb", "bdb"])
@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1), st.lists(mutations, min_size=1, max_size=3))
def test_a_changed_header_costs_no_other_package(
    name: str, which: int, changes: list[Mutation]
) -> None:
    blobs = list(BLOBS)
    for change in changes:
        blobs[which] = change(blobs[which])
    if name == "bdb" and len(blobs[which]) > 3000 and which == 1:
        blobs[which] = blobs[which][:3000]
    build = {"sqlite": sqlite_database, "ndb": ndb_database, "bdb": bdb_database}[name]
    found = looked_into(name, build(blobs))
    other = ("small", "1:2-1") if which == 0 else ("big", "1-1")
    assert other in {(one.name, one.version) for one in found.packages}


@pytest.mark.parametrize("name", DATABASES)
@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=5000))
def test_random_bytes_are_no_packages_and_no_error(name: str, data: bytes) -> None:
    looked_into(name, data)
