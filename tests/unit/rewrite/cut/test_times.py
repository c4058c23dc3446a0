"""Times that depend on contents: two builds of the same packages give the same layers, Python still
trusts its byte code, and whoever reads a time finds a true one.
"""

import hashlib
import importlib.util
import marshal
import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from careen.inventory.python import vendored as python_vendored
from careen.inventory.scan import MANAGED, scan
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rewriting.declared_edits import DeclaredEdits
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.cut.times import CanonicalTimes
from careen.rewrite.cut.units import Units
from careen.rewrite.databases import database_edits
from careen.rewrite.python_records import record_hash
from careen.rewrite.strip import CUT, StripFacts, strip
from careen.verify.outside import changes_outside_plan
from tests.support.images import Item, directory, file, hardlink, layer, oci_layout, symlink
from tests.support.plans import package

SITE = "usr/lib/python3.11/site-packages"
SOURCE = b"ANSWER = 42\n"
CREATED = "2024-05-06T07:08:09Z"
FIRST, SECOND = 1_700_000_000, 1_800_000_000


def byte_code(mtime: int, source: bytes = SOURCE, flags: int = 0) -> bytes:
    code = marshal.dumps(compile(source, "pkg.py", "exec"))
    header = struct.pack("<III", flags, mtime & 0xFFFFFFFF, len(source))
    return importlib.util.MAGIC_NUMBER + header + code


def installed(
    mtime: int, version: str = "1", listed: str = "", more: Sequence[Item] = ()
) -> list[Item]:
    """A distribution as an installer leaves it at a time; `listed` are more lines of its RECORD."""
    record = (
        f"pkg.py,sha256=abc{version},12\n__pycache__/pkg.cpython-311.pyc,,\n"
        f"pkg-1.dist-info/INSTALLER,sha256=xyz,4\n../../../bin/pkg,sha256={mtime},9\n"
        f"pkg-1.dist-info/METADATA,sha256=def,30\npkg-1.dist-info/RECORD,,\n{listed}"
    )
    return [
        directory(SITE, mtime=mtime),
        file(f"{SITE}/pkg.py", SOURCE, mtime=mtime),
        file(f"{SITE}/__pycache__/pkg.cpython-311.pyc", byte_code(mtime), mtime=mtime + 1),
        file(
            f"{SITE}/pkg-1.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: pkg\nVersion: {version}\n",
            mtime=mtime,
        ),
        file(f"{SITE}/pkg-1.dist-info/RECORD", record, mtime=mtime),
        *more,
    ]


def hash_of(data: bytes) -> str:
    return record_hash("sha256", hashlib.sha256(data).digest())


class Bench:
    """Opens images, and closes them at the end."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack, self._number = folder, stack, 0

    def image(self, *items: Item) -> Image:
        self._number += 1
        where = oci_layout(self._folder / f"image-{self._number}", [layer(*items)])
        return self._stack.enter_context(open_image(OciLayout(where), None, self._folder))

    def rootfs(self, *items: Item) -> Rootfs:
        return self.image(*items).rootfs()

    def strip(self, image: Image, inventory: Inventory) -> tuple[Image, Plan, CanonicalTimes]:
        rootfs = image.rootfs()
        keep = {entry.path: Reason("observed", "") for entry in rootfs}
        plan = Plan(image.ref, Level.CLOSURE, keep, {}, {}, "b" * 64)
        times = CanonicalTimes(rootfs, inventory)
        facts = StripFacts(CREATED, times=times)
        made = strip(image, rootfs, inventory, plan, facts, self._folder)
        return self._stack.enter_context(made), plan, times


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(tmp_path, stack)


def times_of(rootfs: Rootfs, inventory: Inventory | None = None) -> dict[str, float]:
    found = CanonicalTimes(rootfs, inventory if inventory is not None else scan(rootfs))
    keep = [entry.path for entry in rootfs]
    return {str(path): time for path, time in found.times(keep).items()}


def stamps_of(rootfs: Rootfs) -> dict[str, int]:
    found = CanonicalTimes(rootfs, scan(rootfs))
    return {str(path): time for path, time in found.stamps([each.path for each in rootfs]).items()}


PKG, PYC = f"/{SITE}/pkg.py", f"/{SITE}/__pycache__/pkg.cpython-311.pyc"


def test_two_builds_of_the_same_packages_give_the_same_layers(bench: Bench) -> None:
    made = []
    for mtime in (FIRST, SECOND):
        image = bench.image(*installed(mtime))
        made.append(bench.strip(image, scan(image.rootfs()))[0])
    one, two = made
    # The list itself differs, as a script's hash does here: only its layer may.
    differing = [
        title["created_by"]
        for title, first, second in zip(
            (layer.history or {} for layer in one.layers),
            one.ref.diff_ids,
            two.ref.diff_ids,
            strict=True,
        )
        if first != second
    ]
    assert {entry.path for entry in one.rootfs()} == {entry.path for entry in two.rootfs()}
    assert [entry.mtime for entry in one.rootfs()] == [entry.mtime for entry in two.rootfs()]
    assert one.rootfs().read(ImagePath(PYC), 9999) == two.rootfs().read(ImagePath(PYC), 9999)
    assert len(differing) == 1
    assert one.annotations[CUT] == "1"


def test_python_trusts_the_byte_code_of_a_source_with_another_time(bench: Bench) -> None:
    image = bench.image(*installed(FIRST))
    made, _, _ = bench.strip(image, scan(image.rootfs()))
    rootfs = made.rootfs()
    header = rootfs.read(ImagePath(PYC), 9999)[:16]
    source = rootfs[ImagePath(PKG)]
    assert source.mtime != FIRST
    assert struct.unpack("<III", header[4:]) == (0, int(source.mtime), source.size)
    assert header[:4] == importlib.util.MAGIC_NUMBER
    assert rootfs.read(ImagePath(PYC), 9999)[16:] == byte_code(FIRST)[16:]


def test_other_contents_have_another_time(bench: Bench) -> None:
    """Caches and HTTP servers take files of one size and time for the same."""
    one, two = (times_of(bench.rootfs(*installed(FIRST, version)))[PKG] for version in "12")
    assert one != two
    assert 315_532_800 < min(one, two) <= max(one, two) < 700_000_000


def test_verification_accepts_what_is_declared_and_nothing_else(bench: Bench) -> None:
    image = bench.image(*installed(FIRST))
    rootfs = image.rootfs()
    inventory = scan(rootfs)
    made, plan, times = bench.strip(image, inventory)
    keep = plan.keep.keys()
    declared = DeclaredEdits(
        database_edits(rootfs, inventory, plan).keys(), times.times(keep), times.stamps(keep)
    )
    assert changes_outside_plan(rootfs, made.rootfs(), plan, declared) == ()
    without_times = changes_outside_plan(
        rootfs, made.rootfs(), plan, replace(declared, times={}, stamps={})
    )
    what = {str(difference.path): difference.what for difference in without_times}
    assert what[PKG] == ("mtime",)
    assert what[PYC] == ("mtime", "content")
    wrong = {path: time + 1 for path, time in declared.stamps.items()}
    (difference,) = changes_outside_plan(
        rootfs, made.rootfs(), plan, replace(declared, stamps=wrong)
    )
    assert (difference.path, difference.what) == (PYC, ("content",))


@pytest.mark.parametrize(
    "data",
    [byte_code(FIRST - 5), byte_code(FIRST, b"longer = True\n"), byte_code(FIRST, flags=1), b"x"],
    ids=["another time", "another size", "by hash", "too short"],
)
def test_byte_code_that_python_does_not_check_by_time_stays(bench: Bench, data: bytes) -> None:
    items = [
        replace(item, data=data) if item.name.endswith(".pyc") else item
        for item in installed(FIRST)
    ]
    rootfs = bench.rootfs(*items)
    assert stamps_of(rootfs) == {}
    assert PKG in times_of(rootfs)


def test_a_recorded_hash_of_byte_code_stays_true(bench: Bench) -> None:
    listed = f"__pycache__/pkg.cpython-311.pyc,{hash_of(byte_code(FIRST))},9\n"
    image = bench.image(*installed(FIRST, listed=listed))
    made, _, _ = bench.strip(image, scan(image.rootfs()))
    record = made.rootfs().read(ImagePath(f"/{SITE}/pkg-1.dist-info/RECORD"), 9999).decode()
    code = made.rootfs().read(ImagePath(PYC), 9999)
    assert code != byte_code(FIRST)
    assert f"__pycache__/pkg.cpython-311.pyc,{hash_of(code)},{len(code)}\n" in record
    assert times_of(image.rootfs())[PKG] == times_of(bench.rootfs(*installed(FIRST)))[PKG]


def test_a_distribution_inside_another_one_is_part_of_it(bench: Bench) -> None:
    """As setuptools has its vendored ones."""
    inner = "pkg/_vendor/inner.py"
    record = f"{inner},sha256=i,1\npkg/_vendor/inner-2.dist-info/RECORD,sha256=r,1\n"
    rootfs = bench.rootfs(
        *installed(FIRST, listed=record),
        file(f"{SITE}/{inner}", "x", mtime=FIRST),
        file(f"{SITE}/pkg/_vendor/inner-2.dist-info/METADATA", "Name: inner\nVersion: 2\n"),
        file(f"{SITE}/pkg/_vendor/inner-2.dist-info/RECORD", "inner.py,sha256=i,1\n"),
    )
    known = scan(rootfs, (*MANAGED, python_vendored))
    times = times_of(rootfs, known)
    assert times[f"/{SITE}/{inner}"] == times[PKG]
    assert Units(known).of(ImagePath(f"/{SITE}/{inner}")).name == "python pkg"


@pytest.mark.parametrize(
    ("listed", "more"),
    [
        ("", (file(f"{SITE}/__pycache__/pkg.f-1.py311.nbi", "index"),)),
        ("", (hardlink("opt/pkgs/pkg.py", f"{SITE}/pkg.py"),)),
        ("", (hardlink("opt/pkgs/pkg.pyc", PYC[1:]),)),
    ],
    ids=["numba", "linked source", "linked byte code"],
)
def test_a_time_that_something_records_stays(
    bench: Bench, listed: str, more: tuple[Item, ...]
) -> None:
    rootfs = bench.rootfs(*installed(FIRST, listed=listed, more=more))
    assert PKG not in times_of(rootfs)
    assert stamps_of(rootfs) == {}


def test_what_another_package_manager_lists_stays(bench: Bench) -> None:
    rootfs = bench.rootfs(*installed(FIRST))
    known = scan(rootfs)
    rpm = package(Ecosystem.RPM, "python3-pkg", (PKG, PYC))
    owners = {
        path: (*purls, rpm.purl) if path in (PKG, PYC) else purls
        for path, purls in known.owners.items()
    }
    times = times_of(rootfs, Inventory({**known.packages, rpm.purl: rpm}, owners))
    assert PKG not in times
    assert PYC not in times
    assert f"/{SITE}/pkg-1.dist-info/METADATA" in times


@pytest.mark.parametrize("cached", [True, False])
def test_directories_have_one_time_but_those_of_cached_fonts(bench: Bench, cached: bool) -> None:
    caches = [file("var/cache/fontconfig/d0-le64.cache-9", "c")] if cached else []
    rootfs = bench.rootfs(
        *caches,
        directory(".", mtime=FIRST),
        directory("etc/fonts", mtime=FIRST),
        symlink("var/run", "/run"),
        symlink("usr/share/fonts/again", "truetype"),
        directory("usr/share/fonts/truetype", mtime=FIRST),
        directory("home/me/.fonts", mtime=FIRST),
        directory("srv", mtime=FIRST),
        file("srv/page.html", "p", mtime=FIRST),
    )
    times = times_of(rootfs)
    assert times["/srv"] == times["/usr"] == times["/"] == 315_619_200
    assert times["/etc/fonts"] == times["/var/run"] == 315_619_200
    assert times["/usr/share/fonts/again"] == 315_619_200
    assert ("/usr/share/fonts/truetype" not in times) is cached
    assert ("/home/me/.fonts" not in times) is cached
    assert "/srv/page.html" not in times


def test_a_large_file_of_no_package_has_the_time_of_its_content(bench: Bench) -> None:
    def weights(content: bytes, mtime: int) -> float:
        rootfs = bench.rootfs(file("models/w.bin", content * (9 << 20), mtime=mtime))
        return times_of(rootfs)["/models/w.bin"]

    assert weights(b"a", FIRST) == weights(b"a", SECOND) != weights(b"b", FIRST)


def test_byte_code_of_no_distribution_is_as_old_as_its_source(bench: Bench) -> None:
    rootfs = bench.rootfs(
        file("app/main.py", SOURCE, mtime=FIRST),
        file("app/__pycache__/main.cpython-311.pyc", byte_code(FIRST), mtime=SECOND),
    )
    assert times_of(rootfs)["/app/__pycache__/main.cpython-311.pyc"] == FIRST
    assert stamps_of(rootfs) == {}
